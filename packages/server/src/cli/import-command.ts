import { resolve as resolvePath } from 'node:path'
import type { Command } from 'commander'
import { type AccessLog, openAccessLog } from '../access-log/open-log.ts'
import type { ImportFailure } from '../import/failure.ts'
import type { ImportResult } from '../import/import.ts'
import { messageOf, toReadFailure } from '../replay/failure.ts'
import { parseOrigin, parseSite, parseTimeZone } from './arguments.ts'
import { type CliContext, type ExitCode, exitCodes, fail, writeLines } from './context.ts'
import { describeDamage } from './damage.ts'
import { explainStart } from './explain-start.ts'
import { formatImportSummary } from './import-summary.ts'
import { showProgress } from './progress.ts'
import { defaultOrigin } from './replay-command.ts'

interface Flags {
  site: string
  data: string
  timeZone?: string
  origin?: string
  countryFile?: string
  json?: true
}

const examples = (tidemark: string): string => `
No server may run on the data directory meanwhile: stop it, import, and start it again. A log that is
imported again counts once, and of one that has grown its new lines do; docs/import.md says how it is known.

A page view is a GET of a page that was answered with 2xx or 304. Assets, feeds, redirects and failed
requests are counted in the summary alone; docs/replay.md has the whole rule. Bots are counted apart.

Examples:
  $ ${tidemark} import access.log --site shop
  $ ${tidemark} import access.log.1.gz --site shop --data /var/lib/tidemark --origin https://shop.example
  $ zcat access.log.3.gz access.log.2.gz | ${tidemark} import - --site shop --time-zone Europe/Berlin

Exit codes: 0 done, 1 failed (run it again: what was counted is not counted again), 2 not understood,
130 interrupted.`

export function addImportCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('import')
    .summary("make a web server's access log the history of a site")
    .description(
      "Counts the page views of a web server's access log at their own times, as history of a site.\n" +
        'Reads Combined and Common Log Format, plain or gzip, and tells them apart by itself.',
    )
    .argument('<file>', 'the access log; - is standard input')
    .requiredOption('--site <id>', 'the site that the page views are of', parseSite)
    .option('--data <directory>', "the server's data directory", '.tidemark')
    .option(
      '--time-zone <name>',
      'where hours and days begin (default: as of the server, or UTC where there was none yet)',
      parseTimeZone,
    )
    .option(
      '--origin <origin>',
      "scheme and host of the log's paths (default: https:// and the site)",
      parseOrigin,
    )
    .option('--country-file <path>', "file in MaxMind's format that tells countries by address")
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', examples(context.command))
    .action(async (file: string, flags: Flags) => finish(await importLog(file, flags, context)))
}

type Imported = ImportResult & { timeZone: string }

async function importLog(file: string, flags: Flags, context: CliContext): Promise<ExitCode> {
  const { stdin, signal } = context
  const stop = new AbortController()
  let log: AccessLog
  try {
    log = await openAccessLog(file, { stdin, signal: AbortSignal.any([signal, stop.signal]) })
  } catch (error) {
    return fail(context, `Cannot read ${file}: ${toReadFailure(error).message}`, exitCodes.failed)
  }
  try {
    const result = await run(log, flags, context)
    show(result, file, flags, context)
    if (result.failure) return fail(context, explainFailure(result.failure, file), exitCodes.failed)
    if (isNoLog(result)) {
      return fail(
        context,
        `Nothing in ${file} is a line of an access log in Common or Combined Log Format.`,
        exitCodes.failed,
      )
    }
    return result.interrupted ? exitCodes.interrupted : exitCodes.done
  } catch (error) {
    return fail(context, explain(error, flags.data), exitCodes.failed)
  } finally {
    stop.abort()
  }
}

async function run(log: AccessLog, flags: Flags, context: CliContext): Promise<Imported> {
  const { site, origin = defaultOrigin(site), countryFile } = flags
  // Loaded here so that other commands do not open what only an import needs.
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
      writeLines(context.stderr, [`The log in ${flags.data} was damaged before.`, ...damage])
    }
    const { store, zone, timeZone, history: settings } = data
    const work = await startImport({
      ...{ log, store, site, origin, zone, settings, countryOf, signal },
      now: Date.now,
    })
    const hideProgress = showProgress(context.stderr, work.progress)
    const result = await work.done
    hideProgress()
    return { ...result, timeZone }
  } finally {
    await data.close()
  }
}

/** Whether there was something to read, and none of it was what is read here. An empty log is one of a quiet day. */
function isNoLog({
  lines,
  blankLines,
  alreadyImportedLines,
  unparsedLines,
}: ImportResult): boolean {
  return unparsedLines > 0 && alreadyImportedLines === 0 && unparsedLines === lines - blankLines
}

function show(result: Imported, file: string, flags: Flags, { stdout }: CliContext): void {
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
      `A server, or another import, has the data in ${data} open, and only one process may. ` +
      'Stop it, import, and start it again; or say with --data where the data is.'
    )
  }
  const text = explainStart(error, { host: '', port: 0, data })
  if (error instanceof Error && error.name === 'TimeZoneMismatchError') return error.message
  return text.startsWith('The server did not start')
    ? `Nothing was imported: ${messageOf(error)}`
    : text
}

/** SQLITE_BUSY, whose code is the lowest byte. */
function isInUse(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  const code = cause instanceof Error && 'errcode' in cause ? cause.errcode : undefined
  return typeof code === 'number' && (code & 0xff) === 5
}
