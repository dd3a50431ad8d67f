import { BackupError } from '../backup/backup-error.ts'
import type { LogFigures } from '../backup/figures.ts'
import { messageOf } from '../shared/error-message.ts'
import { type CliContext, type ExitCode, exitCodes, fail } from './context.ts'
import { formatCount, formatTime } from './text.ts'

/** Writes the message of a failed backup or restore, and returns the exit code. */
export function failBackup(context: CliContext, error: unknown): ExitCode {
  const isInterrupted = error instanceof BackupError && error.code === 'interrupted'
  return fail(context, messageOf(error), isInterrupted ? exitCodes.interrupted : exitCodes.failed)
}

/** Formats figures as `12 events of 2 sites, the last at 2027-01-31T03:00:00Z`. */
export function formatFigures({ events, sites, lastEventAt }: LogFigures): string {
  const counts = `${formatNoun(events, 'event')} of ${formatNoun(sites, 'site')}`
  return lastEventAt === null ? counts : `${counts}, the last at ${formatTime(lastEventAt)}`
}

/** Formats a size in decimal units, as disks have them: `12.3 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}

function formatNoun(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}
