import type { LivePlatform } from '@tidemark/sdk/live'
import { type InjectionKey, type Ref, inject, shallowRef } from 'vue'

/** Kind of network activity: a received frame or other message, an answered poll, or a failed request. */
export type TrafficKind = 'frame' | 'message' | 'poll' | 'failure'

export interface TrafficEntry {
  /** In milliseconds since 1970. */
  readonly at: number
  readonly kind: TrafficKind
}

/** Records the network activity of the page's live client. */
export interface TrafficMonitor {
  /** Instrumented browser functions for the live client. */
  readonly platform: Pick<LivePlatform, 'fetch' | 'WebSocket'>
  /** Activity of the last minute, oldest first. */
  readonly entries: Readonly<Ref<readonly TrafficEntry[]>>
  /** Number of entries of each kind since the page was opened. */
  readonly counts: Readonly<Ref<Readonly<Record<TrafficKind, number>>>>
}

export const trafficKey: InjectionKey<TrafficMonitor> = Symbol('traffic')

/** Span of the recorded entries. */
export const timelineMs = 60_000
/** More than ten entries a second cannot be told apart in the timeline. */
const maxEntries = 600

export function createTrafficMonitor(): TrafficMonitor {
  const entries = shallowRef<readonly TrafficEntry[]>([])
  const counts = shallowRef<Record<TrafficKind, number>>({
    frame: 0,
    message: 0,
    poll: 0,
    failure: 0,
  })

  function record(kind: TrafficKind): void {
    const at = Date.now()
    const recent = entries.value.filter(entry => entry.at > at - timelineMs)
    entries.value = [...recent, { at, kind }].slice(-maxEntries)
    counts.value = { ...counts.value, [kind]: counts.value[kind] + 1 }
  }

  const platform = { fetch: createMonitoredFetch(record), WebSocket: createMonitoredSocket(record) }
  return { platform, entries, counts }
}

type RecordTraffic = (kind: TrafficKind) => void

function createMonitoredFetch(record: RecordTraffic): typeof fetch {
  return async (...request) => {
    try {
      const response = await globalThis.fetch(...request)
      if (response.ok && isEventStream(response)) return monitorStream(response, record)
      record(response.ok ? 'poll' : 'failure')
      return response
    } catch (error) {
      // The client aborts a poll when it has a better transport. That is not a failure.
      if (!request[1]?.signal?.aborted) record('failure')
      throw error
    }
  }
}

function monitorStream(response: Response, record: RecordTraffic): Response {
  const decoder = new TextDecoder()
  const monitor = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      // The server writes whole events, so each event is usually within one chunk. The pattern matches the
      // start of an event, so a split event is counted once.
      const text = decoder.decode(chunk, { stream: true })
      for (const [, type] of text.matchAll(/^data: \{"type":"(\w+)"/gm)) {
        record(type === 'frame' ? 'frame' : 'message')
      }
      controller.enqueue(chunk)
    },
  })
  return new Response(response.body?.pipeThrough(monitor), response)
}

function createMonitoredSocket(record: RecordTraffic): typeof WebSocket {
  return class MonitoredWebSocket extends WebSocket {
    constructor(...address: ConstructorParameters<typeof WebSocket>) {
      super(...address)
      this.addEventListener('error', () => record('failure'))
      this.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        const isFrame = typeof data === 'string' && data.startsWith('{"type":"frame"')
        record(isFrame ? 'frame' : 'message')
      })
    }
  }
}

function isEventStream({ headers }: Response): boolean {
  return headers.get('Content-Type')?.startsWith('text/event-stream') ?? false
}

/** Returns the monitor of the app. @throws when the app does not provide `trafficKey` */
export function useTrafficMonitor(): TrafficMonitor {
  const monitor = inject(trafficKey)
  if (!monitor) throw new Error('No traffic monitor; call app.provide(trafficKey, monitor) first.')
  return monitor
}
