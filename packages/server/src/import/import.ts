import type { HistorySettings } from '../sites/history-settings.ts'
import { classifyRequest } from '../access-log/classify.ts'
import type { LogEntry, ParsedLine } from '../access-log/entry.ts'
import type { AccessLog } from '../access-log/open-log.ts'
import { parseLogLine } from '../access-log/parse-line.ts'
import type { Line } from '../access-log/read-lines.ts'
import type { CountryOf } from '../ingest/country.ts'
import type { Store } from '../log/store.ts'
import { type ReplayCounts, createTally } from '../replay/tally.ts'
import type { TimeZone } from '../rollup/history/time-zone.ts'
import { type ImportFailure, LogChangedError, toImportFailure } from './failure.ts'
import { openSiteHistory } from './site-history.ts'
import { createImportedLineFilter } from './imported-lines.ts'
import { importLimits } from './limits.ts'
import { importCheckpointTable, toImportCheckpoints, toSegment } from './checkpoint.ts'
import { toEvent } from './to-event.ts'
import { createVisitorHashes, saltTable } from './visitor-hashes.ts'

export interface ImportOptions {
  log: AccessLog
  /** Where the site is kept. Nobody else may write to it meanwhile. */
  store: Store
  site: string
  /** Scheme and host that the log's paths belong to: `https://shop.example`. */
  origin: string
  /** Where the days of the site begin: that of its server. */
  zone: TimeZone
  /** How the site's history is counted and kept. */
  settings: HistorySettings
  countryOf: CountryOf
  now: () => number
  /** Ends the import early, after what was read has been kept. */
  signal?: AbortSignal
}

type LineCounts = Pick<
  ReplayCounts,
  | 'lines'
  | 'blankLines'
  | 'pageViews'
  | 'assets'
  | 'redirects'
  | 'failedRequests'
  | 'otherMethods'
  | 'unparsedLines'
  | 'firstUnparsed'
  | 'earliestAt'
  | 'latestAt'
>

/** What became of every line. */
export interface ImportCounts extends LineCounts {
  /** Lines that were imported before, of which nothing else is told. */
  alreadyImportedLines: number
  /** Page views of programs, among all page views. */
  botViews: number
  /** Page views that are kept. */
  accepted: number
}

export interface ImportProgress extends ImportCounts {
  consumedBytes: number
  totalBytes: number | undefined
  /** Time of the last page view. */
  logTime: number | undefined
}

export interface ImportResult extends ImportCounts {
  /** Whether there is a last line that has no end yet. It is left for the next import. */
  hasUnfinishedLine: boolean
  durationMs: number
  interrupted: boolean
  failure: ImportFailure | undefined
}

export interface Import {
  progress(): ImportProgress
  /** Resolves at the end, whatever came; never rejects. */
  readonly done: Promise<ImportResult>
}

/**
 * Counts the page views of an access log at their own times, as history of a site. What is counted is kept
 * together with how far the log was read, so an import that was killed goes on where it was, and the same log
 * counts once.
 * @throws {LogUnavailableError} when nothing can be kept
 */
export async function startImport(options: ImportOptions): Promise<Import> {
  const { log, store, site, origin, zone, settings, countryOf, now, signal } = options
  const startedAt = now()
  const history = await openSiteHistory({ store, site, zone, settings, now: startedAt })
  const visitors = createVisitorHashes({
    ...{ dayOf: zone.startOfDay, countryOf },
    stored: history.storedSegments(saltTable),
  })
  const known = createImportedLineFilter(
    toImportCheckpoints(history.storedSegments(importCheckpointTable)),
    takeLine,
  )
  const tally = createTally()
  let [botViews, counted, accepted, openLines] = [0, 0, 0, 0]
  let logTime: number | undefined
  let hasUnfinishedLine = false
  let failure: ImportFailure | undefined
  /** Resolves when all that was to be kept has been, or with why it could not be. */
  let kept: Promise<Error | undefined> = Promise.resolve(undefined)

  function takeLine({ number, text }: Line): void {
    tally.line()
    openLines++
    if (text === '') return tally.blank()
    const parsed = text === undefined ? tooLong : parseLogLine(text)
    if (!parsed.ok) return tally.unparsed(number, parsed.error)
    const { entry } = parsed
    const kind = classifyRequest(entry)
    tally.entry(kind, entry.at)
    if (kind === 'page_view') takePageView(entry)
  }

  function takePageView(entry: LogEntry): void {
    if (!entry.request) return
    counted++
    logTime = entry.at
    const visitor = visitors.visitorOf(entry)
    if (visitor.hash) {
      history.add(toEvent(entry, entry.request, visitor, origin), visitor.hash)
    } else {
      botViews++
      history.addBot(entry.at)
    }
  }

  /** Begins to keep what was read, once what was read before it is kept. Reading goes on meanwhile. */
  async function keep(): Promise<void> {
    await throwFailure()
    kept = keepUpTo(counted)
    openLines = 0
  }

  async function keepUpTo(upTo: number): Promise<Error | undefined> {
    try {
      const mark = known.checkpoint()
      if (mark) await history.commit(() => [toSegment(mark), ...visitors.drainDirty()])
      accepted = upTo
      return undefined
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  async function throwFailure(): Promise<void> {
    const failed = await kept
    if (failed) throw failed
  }

  async function keepAll(): Promise<void> {
    // What could not be kept is part of what is kept now.
    await kept
    kept = keepUpTo(counted)
    await throwFailure()
  }

  async function readLog(): Promise<void> {
    // The last line is held until it is clear that it has an end: a server may be writing it.
    let held: Line | undefined
    let heldFrom = 0
    try {
      for await (const lines of log.lines) {
        for (const line of lines) {
          const complete = held
          heldFrom = held?.endByte ?? 0
          held = line
          if (complete) known.accept(complete)
          const { maxOpenBuckets, maxOpenLines } = importLimits
          if (openLines >= maxOpenLines || history.openBuckets >= maxOpenBuckets) await keep()
          if (signal?.aborted) return
        }
      }
    } catch (error) {
      // What is another log than the one that is known has no line to take.
      if (error instanceof LogChangedError) held = undefined
      throw error
    } finally {
      hasUnfinishedLine = held !== undefined && !hasEnd(held, heldFrom)
      if (held && !hasUnfinishedLine) known.accept(held)
    }
  }

  async function run(): Promise<ImportResult> {
    try {
      await readLog()
    } catch (error) {
      if (!signal?.aborted || error instanceof LogChangedError) failure = toImportFailure(error)
    }
    try {
      known.end()
      if (!failure && !signal?.aborted) visitors.deleteCompleteDays()
      await keepAll()
    } catch (error) {
      failure ??= toImportFailure(error)
    }
    const interrupted = failure === undefined && signal?.aborted === true
    return { ...counts(), hasUnfinishedLine, durationMs: now() - startedAt, interrupted, failure }
  }

  function counts(): ImportCounts {
    const { sent, requests, retries, rejected, failed, ...lines } = tally.counts()
    const alreadyImportedLines = known.alreadyImportedLines()
    return {
      ...lines,
      lines: lines.lines + alreadyImportedLines,
      alreadyImportedLines,
      botViews,
      accepted,
    }
  }

  return {
    progress: () => ({
      ...counts(),
      consumedBytes: log.consumedBytes(),
      totalBytes: log.totalBytes,
      logTime,
    }),
    done: run(),
  }
}

const tooLong: ParsedLine = { ok: false, error: 'line_too_long' }

/** Whether more bytes were read than are in the text. Where some were no UTF-8, nobody can tell. */
function hasEnd({ text, endByte }: Line, from: number): boolean {
  if (text === undefined || text.includes('\ufffd')) return true
  return endByte - from > Buffer.byteLength(text)
}
