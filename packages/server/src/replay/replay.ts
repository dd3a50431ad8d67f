import { randomBytes } from 'node:crypto'
import type { LineCounts } from '../access-log/line-counter.ts'
import type { AccessLog } from '../access-log/open-log.ts'
import { readFormat } from '../access-log/read-format.ts'
import type { Declaration, RecognizedFormat } from '../access-log/recognize.ts'
import { describeReadFailure } from '../access-log/read-failure.ts'
import { createBatchSender } from './batch-sender.ts'
import { checkServer } from './check-server.ts'
import { type ReplayClock, systemClock } from './clock.ts'
import { type DeliveryCounts, createDeliveryCounter } from './delivery-counter.ts'
import type { ReplayFailure } from './failure.ts'
import { createHttpTransport } from './http-transport.ts'
import { replayLimits } from './limits.ts'
import { createLogPlayer } from './log-player.ts'
import { createPace } from './pace.ts'
import { createSendQueue } from './send-queue.ts'
import { createVisitorIdentities } from './visitor-identities.ts'

export interface ReplayOptions {
  /** Opens the log. The signal ends reading. */
  open: (signal: AbortSignal) => Promise<AccessLog>
  /** Hosts of the site, in lower case; requests to others are skipped. @default all */
  hosts?: ReadonlySet<string> | undefined
  /** Declared format of the log. @default recognized */
  declared?: Declaration
  /** Receives the format before the first page view. */
  onFormat?: (format: RecognizedFormat) => void
  /** URL at which the server's API is mounted: `http://127.0.0.1:4711/api`. */
  url: URL
  site: string
  /** Scheme and host of the log's paths: `https://shop.example`. */
  origin: string
  /** Seconds of the log per second of the replay. */
  speed: number
  /** Replay time of the log's first entry, in milliseconds since 1970. @default the time at which it is read */
  at?: number
  /** Ends the replay early. Requests in flight have `replayLimits.graceMs` to complete. */
  signal?: AbortSignal
  /** @default the system clock */
  clock?: ReplayClock
  /** In [0, 1). @default Math.random */
  random?: () => number
}

export interface ReplayCounts extends LineCounts, DeliveryCounts {}

export interface ReplayProgress extends ReplayCounts {
  consumedBytes: number
  totalBytes: number | undefined
  /** Log time of the last page view that was due, in milliseconds since 1970. */
  logTime: number | undefined
}

export interface ReplayResult extends ReplayCounts {
  /** Replay time of the log's first entry, in milliseconds since 1970. */
  startsAt: number | undefined
  /** Page views that were read, but not sent or not answered when the replay ended early. */
  unsent: number
  durationMs: number
  interrupted: boolean
  failure: ReplayFailure | undefined
}

export interface Replay {
  progress(): ReplayProgress
  /** Resolves at the end, also after a failure. Never rejects. */
  readonly done: Promise<ReplayResult>
}

/**
 * Sends the page views of an access log to `POST events`, the endpoint of every tracker, with the intervals of the log.
 * Log time `t` becomes `at + (t − t0) / speed`, where `t0` is the time of the log's first entry. Each page view is sent
 * when it is due. With `at` in the past, the replay first catches up as fast as the server responds. Entries out of
 * order stay out of order: an overdue entry is sent immediately, and an entry before `t0` gets a time before `at`.
 */
export function startReplay(options: ReplayOptions): Replay {
  const { origin, speed, at, clock = systemClock, random = Math.random } = options
  const startedAt = clock.now()
  const { signal: interruption } = options
  const stop = new AbortController()
  const finished = new AbortController()
  const { signal } = stop
  const url = toEventsUrl(options.url, options.site)
  const transport = createHttpTransport(url)
  const counter = createDeliveryCounter()
  const visitorOf = createVisitorIdentities({ runId: `replay-${randomId()}`, secret: randomId() })
  const pace = createPace({ clock, speed, at, signal })
  const queue = createSendQueue(
    createBatchSender({ transport, url, clock, random, counter, signal, onFailure: end }),
  )
  const player = createLogPlayer({ origin, hosts: options.hosts, pace, queue, visitorOf, signal })
  let failure: ReplayFailure | undefined
  let log: AccessLog | undefined

  function end(reason?: ReplayFailure): void {
    if (signal.aborted) return
    failure = reason
    stop.abort()
    clock.sleep(replayLimits.graceMs, finished.signal).then(transport.close, () => {
      // Aborted: all requests completed in time.
    })
  }

  /** Reads the log after the server has responded, because the first entry is due at that time. */
  async function play(): Promise<void> {
    const check = checkServer({ transport, url, clock, random, signal })
    log = await options.open(signal)
    const refusal = await check
    if (refusal) return end(refusal)
    const readable = await readFormat(log, options.declared)
    if (readable.format) options.onFormat?.(readable.format)
    await player.play(readable)
  }

  async function run(): Promise<ReplayResult> {
    const interrupt = (): void => end()
    if (interruption?.aborted) end()
    interruption?.addEventListener('abort', interrupt)
    try {
      await play()
    } catch (error) {
      const unreadable = { code: 'log_unreadable', message: describeReadFailure(error) } as const
      // After an abort, `failure` already has the reason. Page views read before the error are still sent below.
      if (!log) end(unreadable)
      else if (!signal.aborted) failure = unreadable
    }
    await queue.waitUntilEmpty()
    finished.abort()
    transport.close()
    interruption?.removeEventListener('abort', interrupt)
    return toResult()
  }

  const counts = (): ReplayCounts => ({ ...player.counts(), ...counter.counts() })

  function toResult(): ReplayResult {
    const result = counts()
    const answered = result.accepted + sum(result.rejected) + sum(result.failed)
    return {
      ...result,
      startsAt: pace.startsAt(),
      unsent: result.pageViews - answered,
      durationMs: clock.now() - startedAt,
      interrupted: signal.aborted && failure === undefined,
      failure,
    }
  }

  return {
    progress: () => ({
      ...counts(),
      consumedBytes: log?.consumedBytes() ?? 0,
      totalBytes: log?.totalBytes,
      logTime: player.logTime(),
    }),
    done: run(),
  }
}

/** `http://127.0.0.1:4711/api` → `http://127.0.0.1:4711/api/sites/shop/events`. */
function toEventsUrl(base: URL, site: string): URL {
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/sites/${encodeURIComponent(site)}/events`
  return url
}

function randomId(): string {
  return randomBytes(12).toString('base64url')
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
