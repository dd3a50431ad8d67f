import type { LogEntry, RequestLine } from '../access-log/format/entry.ts'
import {
  type LineCounter,
  type LineCounts,
  createLineCounter,
  emptyCounts,
} from '../access-log/line-counter.ts'
import type { ReadableLog } from '../access-log/read-format.ts'
import type { Line } from '../access-log/read-lines.ts'
import type { Pace } from './pace.ts'
import { toPageView } from './page-view.ts'
import type { SendQueue } from './send-queue.ts'
import type { Visitor } from './visitor-identities.ts'

export interface LogPlayerOptions {
  /** Scheme and host of the log's paths: `https://shop.example`. */
  origin: string
  pace: Pace
  queue: SendQueue
  /** Hosts of the site, in lower case; requests to others are skipped. @default all */
  hosts?: ReadonlySet<string> | undefined
  visitorOf: (entry: LogEntry) => Visitor
  /** Ends reading. */
  signal: AbortSignal
}

/** Reads an access log, and adds each page view to the send queue at its replay time. */
export interface LogPlayer {
  /** Resolves at the end of the log. Rejects when the log cannot be read further, or when the signal is aborted. */
  play(log: ReadableLog): Promise<void>
  counts(): LineCounts
  /** Log time of the last page view that was added, in milliseconds since 1970. */
  logTime(): number | undefined
}

export function createLogPlayer(options: LogPlayerOptions): LogPlayer {
  const { origin, hosts, pace, queue, visitorOf, signal } = options
  let counter: LineCounter | undefined
  let logTime: number | undefined

  async function playLine(line: Line, { read }: LineCounter): Promise<void> {
    const classified = read(line)
    if (!classified) return
    const { entry, kind } = classified
    if (pace.startsAt() === undefined) pace.start(entry.at)
    if (kind === 'page_view' && entry.request) await playPageView(entry, entry.request)
  }

  async function playPageView(entry: LogEntry, request: RequestLine): Promise<void> {
    const timestamp = pace.toReplayTime(entry.at)
    if (pace.isFuture(timestamp)) {
      queue.flush()
      await pace.waitUntil(timestamp)
    }
    logTime = entry.at
    const visitor = visitorOf(entry)
    const n = ++visitor.n
    queue.add(visitor, toPageView(request, { origin, n, timestamp, referrer: entry.referrer }))
    await queue.waitForRoom()
  }

  return {
    async play({ log, parser }) {
      counter = createLineCounter(parser, hosts)
      for await (const lines of log.lines) {
        for (const line of lines) {
          if (signal.aborted) return
          await playLine(line, counter)
        }
      }
    },
    counts: () => counter?.counts() ?? emptyCounts(),
    logTime: () => logTime,
  }
}
