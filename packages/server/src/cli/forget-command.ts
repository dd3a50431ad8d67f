import { type Command, InvalidArgumentError } from 'commander'
import type { ForgetRequest, Forgotten } from '../forget/forget.ts'
import { collect, parseSite } from './arguments.ts'
import { type CliContext, type ExitCode, exitCodes, fail, writeLines } from './context.ts'
import { addDataDirOptions } from './data-dir-options.ts'
import { explainStart } from './explain-start.ts'
import { formatCount } from './text.ts'

interface Flags {
  config?: string
  site: string
  visitor?: string[]
  user?: string[]
  from?: number
  to?: number
  everything?: true
  json?: true
}

const examples = (tidemark: string): string => `
Stop the server before, and start it again afterwards: only one process can have the data directory open.
The live state of the site begins anew: active visitors, feed, sessions. Counts of history keep hashes
of visitors, which cannot be subtracted. Backups keep everything. See docs/export-and-erase.md for details.

Examples:
  $ ${tidemark} forget --site shop --visitor 7f3c9e
  $ ${tidemark} forget --site shop --user ada@example.com --data /var/lib/tidemark
  $ ${tidemark} forget --site shop --visitor 7f3c9e --visitor 2b81d0 --user bob@example.com
  $ ${tidemark} forget --site shop --from 2026-11-01 --to 2026-11-08
  $ ${tidemark} forget --site old-shop --everything

Exit codes: 0 success, 1 failure, 2 invalid command line, 130 interrupted. After 1 or 130, run the same
command again.`

export function addForgetCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
): void {
  const command = program.command('forget')
  const collectIds = collect(id => id)
  command
    .summary('erase a visitor, a user, days or a whole site')
    .description(
      'Erases the events of a visitor or a user, the days of a range, or everything of a site from a data directory.\n' +
        'Give visitors and users, or --from with --to, or --everything.',
    )
    .requiredOption('--site <id>', 'site of the events', parseSite)
  addDataDirOptions(command)
    .option('--visitor <id>', 'visitor, by `visitorId`; may be repeated', collectIds)
    .option('--user <id>', 'signed-in user, by `userId`; may be repeated', collectIds)
    .option('--from <date>', 'first day, such as 2026-11-01', parseDate)
    .option('--to <date>', 'day after the last one', parseDate)
    .option('--everything', 'the whole site')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples(context.command))
    .action(async (flags: Flags) => finish(await runForget(flags, command, context)))
}

const dayMs = 24 * 60 * 60 * 1000

/** Parses a date to days since 1970. */
function parseDate(text: string): number {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00Z`) : NaN
  // `Date` reads 30 February as 2 March.
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(text)) return time / dayMs
  throw new InvalidArgumentError('Use a date such as 2026-11-01. Only whole days can be erased.')
}

/** Returns the one request of the flags, or what is wrong with them. */
function toRequest({ visitor, user, from, to, everything }: Flags): ForgetRequest | string {
  const hasRange = from !== undefined || to !== undefined
  const hasPeople = visitor !== undefined || user !== undefined
  if ([hasPeople, hasRange, everything].filter(Boolean).length !== 1) {
    return 'Give exactly one of people (--visitor, --user), days (--from with --to) and --everything.'
  }
  if (hasPeople) return { kind: 'people', visitors: visitor ?? [], users: user ?? [] }
  if (everything) return { kind: 'everything' }
  if (from === undefined || to === undefined) return 'Give both --from and --to.'
  if (from >= to) return '--to is not after --from. It is the day after the last erased one.'
  return { kind: 'dates', fromDate: from, toDate: to }
}

async function runForget(flags: Flags, command: Command, context: CliContext): Promise<ExitCode> {
  const request = toRequest(flags)
  if (typeof request === 'string') return fail(context, request, exitCodes.usage)
  // Loaded on demand, so that other commands start faster.
  const { loadDataDir } = await import('./load-data-dir.ts')
  const dataDir = await loadDataDir(command, flags.config, context)
  if (!dataDir) return exitCodes.usage
  const { forget, NothingStoredError } = await import('../forget/forget.ts')
  try {
    const result = await forget(dataDir.path, flags.site, request)
    show(result, request, flags, context)
    return exitCodes.done
  } catch (error) {
    if (error instanceof NothingStoredError) return fail(context, error.message, exitCodes.failed)
    const text = explainStart(error, { host: '', port: 0, data: dataDir.data })
    return fail(context, text.replace('The server did not start', 'Not erased'), exitCodes.failed)
  }
}

function show(
  { events, buckets, isChanged }: Forgotten,
  request: ForgetRequest,
  { site, json }: Flags,
  { stdout }: CliContext,
): void {
  if (json) {
    writeLines(stdout, [JSON.stringify({ site, events, buckets, changed: isChanged })])
    return
  }
  if (request.kind === 'people' && !isChanged) {
    const ids = [...request.visitors, ...request.users].map(id => `'${id}'`).join(', ')
    writeLines(stdout, [
      `Nothing is changed: neither the event log nor the live state of ${site} has ${ids}.`,
      'Compare the ID with the one that your pages send. History and backups may have older events.',
    ])
    return
  }
  writeLines(stdout, [
    `Erased from the event log of ${site}: ${formatCount(events)} events`,
    'The live state begins anew: active visitors, feed and sessions, of all visitors.',
    request.kind === 'people'
      ? 'Counts of history stay. They have no ID; of visitors they have hashes.'
      : `Deleted from history: ${formatCount(buckets)} parts of buckets`,
    'Backups keep what they have. Delete them, or erase from them after a restore.',
  ])
}
