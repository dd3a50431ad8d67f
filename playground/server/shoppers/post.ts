import type { BatchVerdict, EventBatch } from '@tidemark/protocol'
import { countryHeader } from '../country-header.ts'
import type { Delivery, Parcel, Post } from './courier.ts'

export interface PostOptions {
  /** Where events are sent: `http://127.0.0.1:4711/api/sites/demo/events`. */
  endpoint: string
  fetch: typeof globalThis.fetch
  /** Milliseconds since 1970. */
  now(): number
  /** Ends all requests, and makes every later one fail. */
  signal: AbortSignal
  /** Told of what the server has taken. */
  onTaken(parcel: Parcel): void
  /** Told when the server turns something away for good, which says that this code is wrong. */
  onRefused(reason: string): void
}

/** Requests at one time; a machine that makes up an hour has others to serve. */
const maxRequests = 6

/** Sends parcels through the endpoint that every browser uses. */
export function createPost(options: PostOptions): Post {
  const turns = createTurns(maxRequests)

  async function send(parcel: Parcel): Promise<Delivery> {
    const { sender, events } = parcel
    const { client, visitorId, userAgent, country } = sender
    const body: EventBatch = { client, visitorId, sentAt: options.now(), events: [...events] }
    const response = await options.fetch(options.endpoint, {
      method: 'POST',
      headers: {
        'Content-Type': 'text/plain',
        'User-Agent': userAgent,
        [countryHeader]: country,
      },
      body: JSON.stringify(body),
      signal: options.signal,
    })
    if (response.status === 202) {
      const { rejected } = (await response.json()) as BatchVerdict
      for (const { code } of rejected) options.onRefused(code)
      options.onTaken(parcel)
      return 'decided'
    }
    await response.body?.cancel()
    const isPassing = response.status >= 500 || response.status === 408 || response.status === 429
    if (!isPassing) options.onRefused(`status ${response.status}`)
    return isPassing ? 'failed' : 'decided'
  }

  return async parcel => {
    await turns.take()
    try {
      return await send(parcel)
    } catch {
      // No answer, or half of one: the same batch will be sent again, and counts once.
      return 'failed'
    } finally {
      turns.give()
    }
  }
}

/** A number of turns, given in the order in which they were asked for. */
function createTurns(count: number): { take(): Promise<void>; give(): void } {
  const waiting: (() => void)[] = []
  let free = count
  return {
    take() {
      if (free === 0) return new Promise(resolve => void waiting.push(resolve))
      free--
      return Promise.resolve()
    },
    give() {
      const next = waiting.shift()
      if (next) next()
      else free++
    },
  }
}
