import type { BatchVerdict, EventBatch } from '@tidemark/protocol'
import { countryHeader } from '../country-header.ts'
import type { Delivery, Parcel, Post } from './courier.ts'

export interface PostOptions {
  /** Where events are sent: `http://127.0.0.1:4711/api/sites/demo/events`. */
  endpoint: string
  fetch: typeof globalThis.fetch
  /** Milliseconds since 1970. */
  now(): number
  /** Told of what the server has taken. */
  onTaken(parcel: Parcel): void
  /** Told when the server turns something away for good, which says that this code is wrong. */
  onRefused(reason: string): void
}

/** Sends parcels through the endpoint that every browser uses. */
export interface PostOffice {
  readonly post: Post
  /** Sends nothing any more; resolves when what was under way is answered, or given up after a second. */
  close(): Promise<void>
}

const closeMs = 1000

/** Requests at one time; a machine that makes up an hour has others to serve. */
const maxRequests = 6

export function createPostOffice(options: PostOptions): PostOffice {
  const turns = createTurns(maxRequests)
  const underWay = new Set<Promise<Delivery>>()
  const givingUp = new AbortController()
  let isClosed = false

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
      signal: givingUp.signal,
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

  async function post(parcel: Parcel): Promise<Delivery> {
    await turns.take()
    if (isClosed) {
      turns.give()
      return 'failed'
    }
    // Without an answer, or with half of one, the same batch will be sent again, and counts once.
    const delivery = send(parcel).catch((): Delivery => 'failed')
    underWay.add(delivery)
    const outcome = await delivery
    underWay.delete(delivery)
    turns.give()
    return outcome
  }

  return {
    post,
    async close() {
      isClosed = true
      const late = setTimeout(() => givingUp.abort(), closeMs)
      await Promise.all(underWay)
      clearTimeout(late)
    },
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
