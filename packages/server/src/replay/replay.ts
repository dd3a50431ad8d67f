import { randomBytes } from 'node:crypto'
import { classifyRequest } from '../access-log/classify.ts'
import type { LogEntry, ParsedLine, RequestLine } from '../access-log/entry.ts'
import type { AccessLog } from '../access-log/open-log.ts'
import { parseLogLine } from '../access-log/parse-line.ts'
import type { Line } from '../access-log/read-lines.ts'
import { type ReplayClock, systemClock } from './clock.ts'
import { createBatchSender } from './batch-sender.ts'
import { createSendQueue } from './send-queue.ts'
import { type ReplayFailure, toReadFailure } from './failure.ts'
import { checkServer } from './check-server.ts'
import { createHttpTransport } from './http-transport.ts'
import { replayLimits } from './limits.ts'
import { createPace } from './pace.ts'
import { toPageView } from './page-view.ts'
import { type ReplayCounts, createTally } from './tally.ts'
import { createVisitorIdentities } from './visitor-identities.ts'

export interface ReplayOptions {
  /** Opens the log; the signal ends its reading. */
  open: (signal: AbortSignal) => Promise<AccessLog>
  /** Where the server's API is mounted: `http://127.0.0.1:4711/api`. */
  url: URL
  site: string
  /** Scheme and host that the log's paths belong to: `https://shop.example`. */
  origin: string
  /** Seconds of the log in one second of the replay. */
  speed: number
  /** When the log's first entry happens again, in milliseconds since 1970. @default when it is read */
  at?: number
  /** Ends the replay early; what is under way gets `replayLimits.graceMs` to be answered. */
  signal?: AbortSignal
  /** @default the machine's */
  clock?: ReplayClock
  /** In [0, 1). @default Math.random */
  random?: () => number
}

/** How far a replay has come. */
export interface ReplayProgress extends ReplayCounts {
  consumedBytes: number
  totalBytes: number | undefined
  /** Time in the log of the last page view whose time has come, in milliseconds since 1970. */
  logTime: number | undefined
}

export interface ReplayResult extends ReplayCounts {
  /** When the log's first entry happened again, in milliseconds since 1970. */
  startsAt: number | undefined
  /** Page views that were read, but not sent or not answered when the replay ended early. */
  unsent: number
  durationMs: number
  interrupted: boolean
  failure: ReplayFailure | undefined
}

export interface Replay {
  progress(): ReplayProgress
  /** Resolves at the end, whatever came; never rejects. */
  readonly done: Promise<ReplayResult>
}

/**
 * Sends the page views of an access log through the same `POST events` as every tracker, spread over time
 * as the log has them: log time `t` happens again at `at + (t − t0) / speed`, where `t0` is the time of the
 * log's first entry. A page view is sent when its time has come, so with `at` in the past the replay first
 * catches up as fast as the server answers. Entries out of order stay as they are: one whose time has
 * passed is sent at once, and one before `t0` gets a time before `at`.
 */
export function startReplay(options: ReplayOptions): Replay {
  const { origin, speed, at, clock = systemClock, random = Math.random } = options
  const startedAt = clock.now()
  const { signal: interruption } = options
  const stop = new AbortController()
  const settled = new AbortController()
  const { signal } = stop
  const url = toEventsUrl(options.url, options.site)
  const transport = createHttpTransport(url)
  const tally = createTally()
  const visitorOf = createVisitorIdentities({
    runId: `replay-${randomName()}`,
    secret: randomName(),
  })
  const pace = createPace({ clock, speed, at, signal })
  const delivery = createSendQueue(
    createBatchSender({ transport, url, clock, random, tally, signal, onFailure: end }),
  )
  let failure: ReplayFailure | undefined
  let log: AccessLog | undefined
  let logTime: number | undefined

  function end(reason?: ReplayFailure): void {
    if (signal.aborted) return
    failure = reason
    stop.abort()
    clock.sleep(replayLimits.graceMs, settled.signal).then(transport.close, () => {
      // All was answered before the grace was over.
    })
  }

  /** Nothing is read before the server has answered: the log's first entry is to happen then. */
  async function readLog(): Promise<void> {
    const contact = checkServer({ transport, url, clock, random, signal })
    log = await options.open(signal)
    const refusal = await contact
    if (refusal) end(refusal)
    for await (const lines of log.lines) {
      for (const line of lines) {
        if (signal.aborted) return
        await takeLine(line)
      }
    }
  }

  async function takeLine({ number, text }: Line): Promise<void> {
    tally.line()
    if (text === '') return tally.blank()
    const parsed = text === undefined ? tooLong : parseLogLine(text)
    if (!parsed.ok) return tally.unparsed(number, parsed.error)
    const { entry } = parsed
    if (pace.startsAt() === undefined) pace.start(entry.at)
    const kind = classifyRequest(entry)
    tally.entry(kind, entry.at)
    if (kind === 'page_view' && entry.request) await takePageView(entry, entry.request)
  }

  async function takePageView(entry: LogEntry, request: RequestLine): Promise<void> {
    const timestamp = pace.toReplayTime(entry.at)
    if (pace.isFuture(timestamp)) {
      delivery.flush()
      await pace.waitUntil(timestamp)
    }
    logTime = entry.at
    const visitor = visitorOf(entry)
    const n = ++visitor.n
    delivery.add(visitor, toPageView(request, { origin, n, timestamp, referrer: entry.referrer }))
    await delivery.waitForRoom()
  }

  async function run(): Promise<ReplayResult> {
    const interrupt = (): void => end()
    if (interruption?.aborted) end()
    interruption?.addEventListener('abort', interrupt)
    try {
      await readLog()
    } catch (error) {
      // An abort has its reason elsewhere; what was read before a damage still goes out below.
      if (!log) end(toReadFailure(error))
      else if (!signal.aborted) failure = toReadFailure(error)
    }
    await delivery.waitUntilEmpty()
    settled.abort()
    transport.close()
    interruption?.removeEventListener('abort', interrupt)
    return toResult()
  }

  function toResult(): ReplayResult {
    const counts = tally.counts()
    const settledCount = counts.accepted + sum(counts.rejected) + sum(counts.failed)
    return {
      ...counts,
      startsAt: pace.startsAt(),
      unsent: counts.pageViews - settledCount,
      durationMs: clock.now() - startedAt,
      interrupted: signal.aborted && failure === undefined,
      failure,
    }
  }

  return {
    progress: () => ({
      ...tally.counts(),
      consumedBytes: log?.consumedBytes() ?? 0,
      totalBytes: log?.totalBytes,
      logTime,
    }),
    done: run(),
  }
}

const tooLong: ParsedLine = { ok: false, error: 'line_too_long' }

/** `http://127.0.0.1:4711/api` → `http://127.0.0.1:4711/api/sites/shop/events`. */
function toEventsUrl(base: URL, site: string): URL {
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/sites/${encodeURIComponent(site)}/events`
  return url
}

function randomName(): string {
  return randomBytes(12).toString('base64url')
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
