import { resolve as resolvePath } from 'node:path'
import process from 'node:process'
import type { LineCounts } from '../access-log/line-counter.ts'
import { openAccessLog } from '../access-log/open-log.ts'
import { type ReadableLog, readFormat } from '../access-log/read-format.ts'
import { describeReadFailure } from '../access-log/read-failure.ts'
import type { ImportFailure } from '../import/failure.ts'
import type { ImportResult } from '../import/import.ts'
import type { RuleSource } from '../import/site-rules.ts'
import { HistoryBoundsError } from '../index.ts'
import { createAddressList } from '../shared/address-list.ts'
import { messageOf } from '../shared/error-message.ts'
import { memoizeLast } from '../shared/memoize-last.ts'
import { type CliContext, type ExitCode, exitCodes, fail, writeLines } from './context.ts'
import { describeHistoryBounds } from './describe-history-bounds.ts'
import { describeDamage } from './damage.ts'
import { explainStart } from './explain-start.ts'
import type { ImportSetup } from './import-setup.ts'
import { formatImportSummary } from './import-summary.ts'
import { type LogFlags, describeFormat, toDeclaration } from './log-options.ts'
import { showProgress } from './progress.ts'
import { describeChangedRules, formatRuleNote } from './summary-rows.ts'

/** Options of `tidemark import` that concern one run. */
export interface ImportLogFlags extends LogFlags, ImportSetup {
  /** Addresses and CIDR blocks of own visits. */
  excludeAddress?: string[]
  json?: true
}

type ReportedResult = ImportResult & {
  timeZone: string
  /** Names of the formats; empty for a log without lines. */
  formats: string[]
  prefix: string | undefined
  /** Where the rules of the site come from. */
  rules: RuleSource
}

/** Site of an import. */
export interface ImportTarget {
  site: string
  /** Path of the log, or of the copy of standard input that several sites read. */
  path: string
  /** Hosts of the site; `undefined` for all. */
  hosts: ReadonlySet<string> | undefined
  /** Scheme and host of the log's paths. */
  origin: string
  /** Whether the origin also replaces the host that the log has. */
  isOriginGiven: boolean
  /** Whether this is the first site of the log. Only its summary lists the format and the unparsed lines. */
  isFirst: boolean
  /** Receives the counts of the log. */
  onCounts(counts: LineCounts): void
}

/** Imports a log into a site, prints the summary, and returns the exit code. */
export async function importLog(
  file: string,
  target: ImportTarget,
  flags: ImportLogFlags,
  context: CliContext,
): Promise<ExitCode> {
  const { stdin, signal } = context
  const stop = new AbortController()
  let readable: ReadableLog
  try {
    const log = await openAccessLog(target.path, {
      stdin,
      signal: AbortSignal.any([signal, stop.signal]),
    })
    readable = await readFormat(log, toDeclaration(flags))
  } catch (error) {
    stop.abort()
    return fail(context, `Cannot read ${file}: ${describeReadFailure(error)}`, exitCodes.failed)
  }
  try {
    const result = await run(readable, target, flags, context)
    show(result, file, target, flags, context)
    target.onCounts(result)
    if (result.failure) return fail(context, explainFailure(result.failure, file), exitCodes.failed)
    return result.interrupted ? exitCodes.interrupted : exitCodes.done
  } catch (error) {
    return failImport(error, flags, context)
  } finally {
    stop.abort()
  }
}

async function run(
  { log, parser, format }: ReadableLog,
  { site, hosts, ...target }: ImportTarget,
  { countryFile, ...flags }: ImportLogFlags,
  context: CliContext,
): Promise<ReportedResult> {
  // Loaded on demand, so that other commands start faster.
  const [{ startImport }, { openDataDirectory }, { createPlaceOf }] = await Promise.all([
    import('../import/import.ts'),
    import('../import/data-directory.ts'),
    import('../ingest/place.ts'),
  ])
  const { signal, cwd = process.cwd() } = context
  const placeOf = createPlaceOf(countryFile === undefined ? {} : { file: countryFile })
  const data = await openDataDirectory(resolvePath(cwd, flags.data), flags.requested)
  try {
    const damage = describeDamage(data.recovery)
    if (damage.length > 0) {
      writeLines(context.stderr, [
        `The event log in ${flags.data} was damaged before the import.`,
        ...damage,
      ])
    }
    if (format && !flags.json && target.isFirst) writeLines(context.stderr, describeFormat(format))
    const { store, zone, timeZone, storeTimeZone } = data
    const rules = data.rulesOf(site)
    writeLines(context.stderr, describeChangedRules(rules, site, flags))
    const running = await startImport({
      ...{ log, parser, store, site, hosts, zone, storeTimeZone, placeOf, signal },
      addresses: rules.addresses,
      settings: rules.history,
      isExcluded: toExclusion(flags, rules.excluded),
      originOf: createOriginOf(target),
      now: Date.now,
    })
    const hideProgress = showProgress(context.stderr, running.progress)
    const result = await running.done
    hideProgress()
    const formats = format?.formats.map(({ name }) => name) ?? []
    return { ...result, timeZone, formats, prefix: format?.prefix?.name, rules: rules.source }
  } finally {
    await data.close()
  }
}

/**
 * Returns the test for clients whose requests do not count; `undefined` for none.
 * @param stored addresses that the server excludes
 */
export function toExclusion(
  { excludeAddress = [] }: Pick<ImportLogFlags, 'excludeAddress'>,
  stored: readonly string[],
): ((address: string) => boolean) | undefined {
  const addresses = [...stored, ...excludeAddress]
  return addresses.length > 0 ? createAddressList(addresses, '--exclude-address').has : undefined
}

/** Returns the origin of a path by the host that the log has for it, unless the user has set an origin. */
export function createOriginOf({
  origin,
  isOriginGiven,
}: Pick<ImportTarget, 'origin' | 'isOriginGiven'>): (siteHost: string | undefined) => string {
  return memoizeLast(siteHost => {
    const own = `https://${siteHost}`
    return siteHost === undefined || isOriginGiven || !URL.canParse(own)
      ? origin
      : new URL(own).origin
  })
}

function show(
  result: ReportedResult,
  file: string,
  { site, origin, isOriginGiven, isFirst }: ImportTarget,
  { json, configName }: ImportLogFlags,
  { stdout }: CliContext,
): void {
  if (json) {
    const isOriginUsed = isOriginGiven || hasLinesWithoutHost(result)
    const summary = { file, site, ...(isOriginUsed && { origin }), ...result }
    writeLines(stdout, [JSON.stringify(summary)])
  } else if (!result.failure || result.accepted > 0) {
    writeLines(stdout, [
      `Site ${site}`,
      ...formatImportSummary(result, isFirst),
      ...(isFirst ? formatRuleNote(result.rules, configName) : []),
    ])
  }
}

/** Returns whether some requests have no host in the log, so that the origin is the host of their paths. */
function hasLinesWithoutHost({ hosts }: LineCounts): boolean {
  return hosts.length === 0 || hosts.some(({ host }) => host === '-')
}

function explainFailure({ code, message }: ImportFailure, file: string): string {
  return code === 'data_unavailable' ? message : `Cannot import ${file}: ${message}`
}

/** Writes the message of an import that could not start, and returns the exit code. */
export function failImport(
  error: unknown,
  { data, nameOf }: ImportSetup,
  context: CliContext,
): ExitCode {
  if (!(error instanceof HistoryBoundsError)) {
    return fail(context, explainImportError(error, data), exitCodes.failed)
  }
  return fail(context, describeHistoryBounds(error.violation, nameOf), exitCodes.usage)
}

/** Describes the error of a data directory. */
export function explainImportError(error: unknown, data: string): string {
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
