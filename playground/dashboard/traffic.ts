import type { LivePlatform } from '@tidemark/sdk/live'
import { type InjectionKey, type Ref, inject, shallowRef } from 'vue'

/** What happened on the wire: a frame or another message came, a poll was answered or was not. */
export type WireKind = 'frame' | 'message' | 'poll' | 'failure'

export interface WireMark {
  /** In milliseconds since 1970. */
  readonly at: number
  readonly kind: WireKind
}

/** All that the page's connection sends and takes. */
export interface Wire {
  /** What the live client is to use in place of the page's own. */
  readonly platform: Pick<LivePlatform, 'fetch' | 'WebSocket'>
  /** What happened in the last minute, oldest first. */
  readonly marks: Readonly<Ref<readonly WireMark[]>>
  /** How often each has happened since the page was opened. */
  readonly counts: Readonly<Ref<Readonly<Record<WireKind, number>>>>
}

export const wireKey: InjectionKey<Wire> = Symbol('wire')

/** How far back the marks go. */
export const traceMs = 60_000
/** More in a minute than ten a second are not told apart by anyone. */
const maxMarks = 600

export function createWire(): Wire {
  const marks = shallowRef<readonly WireMark[]>([])
  const counts = shallowRef<Record<WireKind, number>>({ frame: 0, message: 0, poll: 0, failure: 0 })

  function note(kind: WireKind): void {
    const at = Date.now()
    const recent = marks.value.filter(mark => mark.at > at - traceMs)
    marks.value = [...recent, { at, kind }].slice(-maxMarks)
    counts.value = { ...counts.value, [kind]: counts.value[kind] + 1 }
  }

  async function watchedFetch(...request: Parameters<typeof fetch>): Promise<Response> {
    try {
      const response = await globalThis.fetch(...request)
      if (response.ok && isEventStream(response)) return watchStream(response)
      note(response.ok ? 'poll' : 'failure')
      return response
    } catch (error) {
      // A poll that the client itself gave up, because it has a better road, has not failed.
      if (!request[1]?.signal?.aborted) note('failure')
      throw error
    }
  }

  function watchStream(response: Response): Response {
    const decoder = new TextDecoder()
    const watch = new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        // The server writes an event at a time, and what the network cuts is still counted once.
        const text = decoder.decode(piece, { stream: true })
        for (const [, type] of text.matchAll(/^data: \{"type":"(\w+)"/gm)) {
          note(type === 'frame' ? 'frame' : 'message')
        }
        controller.enqueue(piece)
      },
    })
    return new Response(response.body?.pipeThrough(watch), response)
  }

  class WatchedWebSocket extends WebSocket {
    constructor(...address: ConstructorParameters<typeof WebSocket>) {
      super(...address)
      this.addEventListener('error', () => note('failure'))
      this.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        const isFrame = typeof data === 'string' && data.startsWith('{"type":"frame"')
        note(isFrame ? 'frame' : 'message')
      })
    }
  }

  return { platform: { fetch: watchedFetch, WebSocket: WatchedWebSocket }, marks, counts }
}

function isEventStream({ headers }: Response): boolean {
  return headers.get('Content-Type')?.startsWith('text/event-stream') ?? false
}

export function useWire(): Wire {
  const wire = inject(wireKey)
  if (!wire) throw new Error('The wire is provided where the app is made.')
  return wire
}
