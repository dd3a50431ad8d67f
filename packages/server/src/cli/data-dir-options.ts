import type { Command } from 'commander'
import { configFileNames } from './config-file.ts'

/** Adds the options that name the data directory of a server; `loadDataDir` reads them. */
export function addDataDirOptions(command: Command): Command {
  return command
    .option(
      '--config <path>',
      `configuration of the server, which names the data directory (default: ${configFileNames.join(' or ')}, if one exists)`,
    )
    .option('--data <directory>', 'data directory of the server', '.tidemark')
}
