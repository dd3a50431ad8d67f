import { type Command, Option } from 'commander'
import type { PrometheusOptions } from '../index.ts'
import { readText } from './token-files.ts'

/** Parsed options of `tidemark serve` about metrics. */
export interface PrometheusFlags {
  prometheusOpenTo: NonNullable<PrometheusOptions['openTo']>
  prometheusTokenFile?: string
}

export function addPrometheusOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--prometheus-open-to <clients>', 'clients that may read /metrics without a token')
        .choices(['loopback', 'anyone', 'nobody'])
        .default('loopback'),
    )
    .option('--prometheus-token-file <path>', 'file with the token of other readers of /metrics')
}

/** Reads the file of the token, which replaces those of the configuration. */
export function readPrometheusToken(
  { prometheusTokenFile: path }: PrometheusFlags,
  { command }: { command: string },
): { tokens?: readonly string[] } | { failure: string } {
  if (path === undefined) return {}
  const remedy = `Create it with \`${command} token --new-secret > ${path}\`.`
  const result = readText(path, '--prometheus-token-file', remedy)
  // Editors end a file with a line break.
  return 'failure' in result ? result : { tokens: [result.text.trim()] }
}
