import { statSync } from 'node:fs'
import { resolve as resolvePath } from 'node:path'
import type { Command } from 'commander'
import { failBackup, formatFigures } from './backup-text.ts'
import { type CliContext, type ExitCode, exitCodes, fail, writeLines } from './context.ts'
import { formatTime } from './text.ts'

interface Flags {
  data: string
  from: string
  json?: true
}

const examples = (tidemark: string): string => `
The directory must be empty, or not exist. Then start the server with it. Readers notice the restored server and
load its state again.

Examples:
  $ ${tidemark} restore --from tidemark-backup.db --data /var/lib/tidemark
  $ ${tidemark} restore --from /var/backups/tidemark/ --data ./drill

Exit codes: 0 success, 1 failure, 2 invalid command line, 130 interrupted.`

export function addRestoreCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('restore')
    .summary('restore a backup into an empty data directory')
    .description('Verifies a backup, and restores it into an empty data directory.')
    .requiredOption('--from <path>', 'backup; or a directory, of which the newest backup is used')
    .option('--data <directory>', 'data directory of the server', '.tidemark')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples(context.command))
    .action(async (flags: Flags) => finish(await restore(flags, context)))
}

async function restore(flags: Flags, context: CliContext): Promise<ExitCode> {
  const { stdout, signal, command } = context
  const dataDir = resolvePath(flags.data)
  // Loaded on demand, so that other commands start faster.
  const [{ restoreBackup }, { listBackups }] = await Promise.all([
    import('../backup/restore-backup.ts'),
    import('../backup/partial-file.ts'),
  ])
  const path = resolvePath(flags.from)
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  const file = isDirectory ? listBackups(path).at(-1) : path
  if (file === undefined) {
    return fail(context, `${path} has no backup. Name one with --from.`, exitCodes.failed)
  }
  try {
    const facts = await restoreBackup({ file, dataDir, signal })
    if (flags.json) writeLines(stdout, [JSON.stringify({ file, dataDir, ...facts })])
    else {
      writeLines(stdout, [
        `Restored ${file} of ${formatTime(facts.createdAt)} into ${dataDir}`,
        `  ${formatFigures(facts)}`,
        `Start the server with: ${command} serve --data ${flags.data}`,
        'Repeat the other options of the server, such as --config.',
      ])
    }
    return exitCodes.done
  } catch (error) {
    return failBackup(context, error)
  }
}
