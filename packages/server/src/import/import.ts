import type { LineParser } from '../access-log/format/entry.ts'
import type { LineCounts } from '../access-log/line-counter.ts'
import type { AccessLog } from '../access-log/open-log.ts'
import { type AddressRules, defaultAddressRules } from '../ingest/address-rules.ts'
import type { PlaceOf } from '../ingest/place.ts'
import type { Store } from '../log/store.ts'
import type { TimeZone } from '../rollup/history/time-zone.ts'
import type { HistorySettings } from '../sites/history-settings.ts'
import { createBackgroundCommits } from './background-commits.ts'
import { importCheckpointTable, toImportCheckpoints, toSegment } from './checkpoint.ts'
import { type ImportFailure, LogChangedError, toImportFailure } from './failure.ts'
import { createImportedLineFilter } from './imported-lines.ts'
import { createLastLineBuffer } from './last-line.ts'
import { importLimits } from './limits.ts'
import { createLineRecorder } from './line-recorder.ts'
import { openSiteHistory } from './site-history.ts'
import { createVisitorHashes, saltTable } from './visitor-hashes.ts'

export interface ImportOptions {
  log: AccessLog
  /** Parser of the log's format. */
  parser: LineParser
  /** Store of the site. No other process may write to it during the import. */
  store: Store
  site: string
  /** Returns scheme and host of a path, by the host that the log has for it: `https://shop.example`. */
  originOf: (siteHost: string | undefined) => string
  /** Hosts of the site, in lower case; requests to others are skipped. @default all */
  hosts?: ReadonlySet<string> | undefined
  /** Returns whether requests from an address are skipped. @default none are */
  isExcluded?: ((address: string) => boolean) | undefined
  /** Rules of the site for addresses. @default any host, and pages by their path */
  addresses?: AddressRules
  /** Time zone of the site's hours and days. */
  zone: TimeZone
  /** Stores the time zone. Called before each commit that contains page views. */
  storeTimeZone(): void
  settings: HistorySettings
  placeOf: PlaceOf
  now: () => number
  /** Ends the import early, after a commit of the lines that were read. */
  signal?: AbortSignal
}

/** Lines of the log by kind. The kinds exclude lines that an earlier import has counted; `lines` includes them. */
export interface ImportCounts extends LineCounts {
  /** Lines that an earlier import has counted. */
  alreadyImportedLines: number
  /** Page views of bots, a part of `pageViews`. */
  botViews: number
  /**
   * Page views of people on hosts that the site does not list, a part of `pageViews`. History has them by host alone.
   */
  unlistedHostViews: number
  /** Page views that are committed, without those on unlisted hosts. */
  accepted: number
}

export interface ImportProgress extends ImportCounts {
  consumedBytes: number
  totalBytes: number | undefined
  /** Time of the last page view, in milliseconds since 1970. */
  logTime: number | undefined
}

export interface ImportResult extends ImportCounts {
  /** Whether the last line has no terminator yet. The next import reads it. */
  hasUnfinishedLine: boolean
  durationMs: number
  interrupted: boolean
  failure: ImportFailure | undefined
}

export interface Import {
  progress(): ImportProgress
  /** Resolves at the end, also after a failure. Never rejects. */
  readonly done: Promise<ImportResult>
}

/**
 * Counts the page views of an access log at their own times, as history of a site. Each commit contains the counts and
 * the position in the log, so a new import continues after the last commit, and the same log counts once.
 * @throws {LogUnavailableError} when the store cannot be written
 */
export async function startImport(options: ImportOptions): Promise<Import> {
  const { log, parser, hosts, store, site, originOf, zone, storeTimeZone, settings } = options
  const { addresses = defaultAddressRules, placeOf, now, signal } = options
  const startedAt = now()
  const history = await openSiteHistory({ store, site, zone, settings, now: startedAt })
  const visitors = createVisitorHashes({
    ...{ startOfDay: zone.startOfDay, placeOf },
    stored: history.storedSegments(saltTable),
  })
  const recorder = createLineRecorder({
    ...{ parser, hosts, history, visitors, originOf, addresses },
    isExcluded: options.isExcluded,
  })
  const checkpoints = toImportCheckpoints(history.storedSegments(importCheckpointTable))
  const filter = createImportedLineFilter(
    checkpoints,
    line => {
      openLines++
      recorder.record(line)
    },
    recorder.skip,
  )
  const commits = createBackgroundCommits(commit)
  const lastLine = createLastLineBuffer(filter.accept)
  let openLines = 0
  let isEnding = false
  let committedViews = 0
  let failure: ImportFailure | undefined

  async function commit(): Promise<void> {
    const views = recorder.recordedViews
    const countedViews = views - recorder.unlistedHostViews
    const checkpoint = filter.checkpoint()
    openLines = 0
    if (checkpoint) {
      if (views > 0) storeTimeZone()
      const importRun = { id: startedAt, log: checkpoint.id, isFinished: isEnding }
      await history.commit(() => [toSegment(checkpoint), ...visitors.drainDirty()], importRun)
    }
    committedViews = countedViews
  }

  async function readLog(): Promise<void> {
    const { maxOpenBuckets, maxOpenLines } = importLimits
    try {
      for await (const lines of log.lines) {
        for (const line of lines) {
          lastLine.push(line)
          const isFull = openLines >= maxOpenLines || history.openBuckets >= maxOpenBuckets
          if (isFull) await commits.start()
          if (signal?.aborted) return
        }
      }
    } catch (error) {
      // A changed log has no more lines to import. After other errors, the last complete line is still imported.
      if (!(error instanceof LogChangedError)) lastLine.end()
      throw error
    }
  }

  async function run(): Promise<ImportResult> {
    try {
      await readLog()
      lastLine.end()
    } catch (error) {
      if (!signal?.aborted || error instanceof LogChangedError) failure = toImportFailure(error)
    }
    try {
      filter.end()
      if (!failure && !signal?.aborted) {
        isEnding = true
        visitors.deleteCompleteDays()
      }
      await commits.finish()
    } catch (error) {
      failure ??= toImportFailure(error)
    }
    const { hasUnfinishedLine } = lastLine
    const interrupted = failure === undefined && signal?.aborted === true
    return { ...counts(), hasUnfinishedLine, durationMs: now() - startedAt, interrupted, failure }
  }

  function counts(): ImportCounts {
    const lineCounts = recorder.counts()
    const alreadyImportedLines = filter.alreadyImportedLines()
    return {
      ...lineCounts,
      lines: lineCounts.lines + alreadyImportedLines,
      alreadyImportedLines,
      // The lines of an earlier import have hosts that are not counted again.
      missingHosts: alreadyImportedLines > 0 ? [] : lineCounts.missingHosts,
      botViews: recorder.botViews,
      unlistedHostViews: recorder.unlistedHostViews,
      accepted: committedViews,
    }
  }

  return {
    progress: () => ({
      ...counts(),
      consumedBytes: log.consumedBytes(),
      totalBytes: log.totalBytes,
      logTime: recorder.logTime,
    }),
    done: run(),
  }
}
