import { resolve as resolvePath } from 'node:path'
import type { Command } from 'commander'
import { openAccessLog } from '../access-log/open-log.ts'
import { type ReadableLog, readFormat } from '../access-log/read-format.ts'
import { describeReadFailure } from '../access-log/read-failure.ts'
import type { ImportFailure } from '../import/failure.ts'
import type { ImportResult } from '../import/import.ts'
import { messageOf } from '../shared/error-message.ts'
import { parseOrigin, parseSite, parseTimeZone } from './arguments.ts'
import { type CliContext, type ExitCode, exitCodes, fail, writeLines } from './context.ts'
import { describeDamage } from './damage.ts'
import { explainStart } from './explain-start.ts'
import { formatImportSummary } from './import-summary.ts'
import {
  type LogFlags,
  addLogOptions,
  describeFormat,
  formatHelp,
  toDeclaration,
} from './log-options.ts'
import { showProgress } from './progress.ts'
import { defaultOrigin } from './replay-command.ts'

interface Flags extends LogFlags {
  site: string
  data: string
  timeZone?: string
  origin?: string
  countryFile?: string
  json?: true
}

const examples = (tidemark: string): string => `
Stop the server before the import, and start it again afterwards: only one process can have the data
directory open. The same log counts once. If the log has grown, only its new lines count.

${formatHelp}
A page view is a GET of a page with status 2xx or 304. Assets, feeds, redirects and failed requests
appear in the summary only. Page views of bots are counted separately. See docs/import-and-replay.md for
details.

Examples:
  $ ${tidemark} import access.log --site shop
  $ ${tidemark} import access.log.1.gz --site shop --data /var/lib/tidemark --origin https://shop.example
  $ zcat access.log.3.gz access.log.2.gz | ${tidemark} import - --site shop --time-zone Europe/Berlin

Exit codes: 0 success, 1 failure, 2 invalid command line, 130 interrupted. After 1 or 130, run the same
command again: the import continues after the last counted line.`

export function addImportCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
): void {
  const command = program
    .command('import')
    .summary("import a web server's access log as history of a site")
    .description(
      "Adds the page views of a web server's access log to the history of a site, at their original times.\n" +
        'Recognizes the format by the first lines, and prints it with one of them.',
    )
    .argument('<file>', 'access log, or - for standard input')
    .requiredOption('--site <id>', 'site of the page views', parseSite)
    .option('--data <directory>', 'data directory of the server', '.tidemark')
    .option(
      '--time-zone <name>',
      'time zone of hours and days (default: the time zone of the server, or UTC)',
      parseTimeZone,
    )
    .option(
      '--origin <origin>',
      "scheme and host of the log's paths (default: https://SITE)",
      parseOrigin,
    )
    .option('--country-file <path>', 'MaxMind database that maps IP addresses to countries')
  addLogOptions(command)
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', examples(context.command))
    .action(async (file: string, flags: Flags) => finish(await importLog(file, flags, context)))
}

type ReportedResult = ImportResult & {
  timeZone: string
  /** Names of the formats; empty for a log without lines. */
  formats: string[]
  prefix: string | undefined
}

async function importLog(file: string, flags: Flags, context: CliContext): Promise<ExitCode> {
  const { stdin, signal } = context
  const stop = new AbortController()
  let readable: ReadableLog
  try {
    const log = await openAccessLog(file, { stdin, signal: AbortSignal.any([signal, stop.signal]) })
    readable = await readFormat(log, toDeclaration(flags))
  } catch (error) {
    stop.abort()
    return fail(context, `Cannot read ${file}: ${describeReadFailure(error)}`, exitCodes.failed)
  }
  try {
    const result = await run(readable, flags, context)
    show(result, file, flags, context)
    if (result.failure) return fail(context, explainFailure(result.failure, file), exitCodes.failed)
    return result.interrupted ? exitCodes.interrupted : exitCodes.done
  } catch (error) {
    return fail(context, explain(error, flags.data), exitCodes.failed)
  } finally {
    stop.abort()
  }
}

async function run(
  { log, parser, format }: ReadableLog,
  flags: Flags,
  context: CliContext,
): Promise<ReportedResult> {
  const { site, origin = defaultOrigin(site), countryFile } = flags
  // Loaded on demand, so that other commands start faster.
  const [{ startImport }, { openDataDirectory }, { createCountryOf }] = await Promise.all([
    import('../import/import.ts'),
    import('../import/data-directory.ts'),
    import('../ingest/country.ts'),
  ])
  const countryOf = createCountryOf(countryFile === undefined ? {} : { file: countryFile })
  const data = await openDataDirectory(resolvePath(flags.data), flags.timeZone)
  try {
    const { signal } = context
    const damage = describeDamage(data.recovery)
    if (damage.length > 0) {
      writeLines(context.stderr, [
        `The event log in ${flags.data} was damaged before the import.`,
        ...damage,
      ])
    }
    if (format && !flags.json) writeLines(context.stderr, describeFormat(format))
    const { store, zone, timeZone, storeTimeZone, history: settings } = data
    const running = await startImport({
      ...{ log, parser, store, site, origin, zone, storeTimeZone, settings, countryOf, signal },
      now: Date.now,
    })
    const hideProgress = showProgress(context.stderr, running.progress)
    const result = await running.done
    hideProgress()
    const formats = format?.formats.map(({ name }) => name) ?? []
    return { ...result, timeZone, formats, prefix: format?.prefix?.name }
  } finally {
    await data.close()
  }
}

function show(result: ReportedResult, file: string, flags: Flags, { stdout }: CliContext): void {
  const { site, origin = defaultOrigin(site), json } = flags
  if (json) writeLines(stdout, [JSON.stringify({ file, site, origin, ...result })])
  else if (!result.failure || result.accepted > 0) writeLines(stdout, formatImportSummary(result))
}

function explainFailure({ code, message }: ImportFailure, file: string): string {
  return code === 'data_unavailable' ? message : `Cannot import ${file}: ${message}`
}

function explain(error: unknown, data: string): string {
  if (isInUse(error)) {
    return (
      `The data directory ${data} is in use by a server or another import. ` +
      'Stop the server, import, and start it again; or choose another directory with --data.'
    )
  }
  const text = explainStart(error, { host: '', port: 0, data })
  if (error instanceof Error && error.name === 'TimeZoneMismatchError') return error.message
  return text.startsWith('The server did not start')
    ? `Nothing was imported: ${messageOf(error)}`
    : text
}

/** Checks for SQLITE_BUSY, which is in the lowest byte of the code. */
function isInUse(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  const code = cause instanceof Error && 'errcode' in cause ? cause.errcode : undefined
  return typeof code === 'number' && (code & 0xff) === 5
}
