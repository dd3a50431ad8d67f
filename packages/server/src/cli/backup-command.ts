import { statSync } from 'node:fs'
import { join, resolve as resolvePath } from 'node:path'
import { type Command, Option } from 'commander'
import type { BackupResult } from '../backup/create-backup.ts'
import { parseCount } from './arguments.ts'
import { failBackup, formatBytes, formatFigures } from './backup-text.ts'
import { type CliContext, type ExitCode, exitCodes, writeLines } from './context.ts'
import { addDataDirOptions } from './data-dir-options.ts'
import { describeDamage } from './damage.ts'
import { BackupError } from '../backup/backup-error.ts'
import { createDirectory } from '../shared/create-directory.ts'
import { messageOf } from '../shared/error-message.ts'
import { readVersion } from '../shared/version.ts'

interface Flags {
  config?: string
  to: string
  keep?: number
  force?: true
  json?: true
}

const examples = (tidemark: string): string => `
The server keeps running. The backup has everything that was stored at one moment: history, the log, settings,
and the tracker's versions. Restore it with \`${tidemark} restore\`. It is as private as the data directory.

Examples:
  $ ${tidemark} backup --to tidemark-backup.db
  $ ${tidemark} backup --data /var/lib/tidemark --to /var/backups/tidemark/ --keep 14

Exit codes: 0 success, 1 failure, 2 invalid command line, 130 interrupted.`

export function addBackupCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
): void {
  const command = program.command('backup')
  command
    .summary('copy the data of a running or stopped server into one file')
    .description('Copies the data directory of a running or stopped server into one verified file.')
  addDataDirOptions(command)
    .requiredOption(
      '--to <path>',
      'file of the backup; or a directory, which gets a file with the time as its name',
    )
    .addOption(
      new Option(
        '--keep <number>',
        'backups that stay in the directory of --to; older ones are deleted afterwards (default: all)',
      ).argParser(parseCount),
    )
    .option('--force', 'replace an existing file')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples(context.command))
    .action(async (flags: Flags) => finish(await backup(flags, command, context)))
}

async function backup(flags: Flags, command: Command, context: CliContext): Promise<ExitCode> {
  const now = Date.now()
  // Loaded on demand, so that other commands start faster.
  const { loadDataDir } = await import('./load-data-dir.ts')
  const dataDir = await loadDataDir(command, flags.config, context)
  if (!dataDir) return exitCodes.usage
  const [{ createBackup }, { backupName, keepNewest }] = await Promise.all([
    import('../backup/create-backup.ts'),
    import('../backup/partial-file.ts'),
  ])
  try {
    const directory = directoryOf(flags.to)
    const file = directory === undefined ? resolvePath(flags.to) : join(directory, backupName(now))
    const result = await createBackup({
      ...{ dataDir: dataDir.path, file, now, version: readVersion() },
      ...{ force: flags.force ?? false, signal: context.signal },
    })
    const { keep } = flags
    const deleted = directory !== undefined && keep !== undefined ? keepNewest(directory, keep) : []
    show({ file, deleted, result }, flags, context)
    return exitCodes.done
  } catch (error) {
    return failBackup(context, error)
  }
}

/** Returns the directory that `--to` names, and creates it; `undefined` for a file. */
function directoryOf(to: string): string | undefined {
  const path = resolvePath(to)
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path
  if (!/[/\\]$/.test(to)) return undefined
  try {
    createDirectory(path)
  } catch (error) {
    throw new BackupError(
      'unwritable',
      `The directory ${path} cannot be created (${messageOf(error)}). Name another one with --to.`,
      error,
    )
  }
  return path
}

interface Made {
  file: string
  deleted: readonly string[]
  result: BackupResult
}

function show({ file, deleted, result }: Made, { json }: Flags, context: CliContext): void {
  const { lostWrites, damagedParts, bytes } = result
  const damage = describeDamage({ lostWrites, isTorn: false, damagedParts })
  if (damage.length > 0) {
    writeLines(context.stderr, ['The data directory is damaged, and so is its backup.', ...damage])
  }
  if (json) writeLines(context.stdout, [JSON.stringify({ file, deleted, ...result })])
  else {
    writeLines(context.stdout, [
      `Backup ${file}`,
      `  ${formatBytes(bytes)}, ${formatFigures(result)}`,
      ...deleted.map(path => `  deleted ${path}`),
    ])
  }
}
