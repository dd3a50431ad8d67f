import type { BatchVerdict, EventBatch } from '@tidemark/protocol'
import { countryHeader } from '../site-options.ts'
import type { SendBatch, SendResult, ShopperBatch } from './event-sender.ts'
import { createSemaphore } from './semaphore.ts'

export interface BatchTransportOptions {
  /** URL of the ingest endpoint: `http://127.0.0.1:4711/api/sites/demo/events`. */
  endpoint: string
  fetch: typeof globalThis.fetch
  /** Milliseconds since 1970. */
  now(): number
  /** Receives each batch that the server has answered with 202. */
  onAccepted(batch: ShopperBatch): void
  /** Receives the reason of a final rejection. A rejection is a bug in the simulation. */
  onRejected(reason: string): void
}

/** Sends batches to the endpoint that browsers use. */
export interface BatchTransport {
  readonly sendBatch: SendBatch
  /** Starts no new request. Resolves when the open requests have ended; aborts them after one second. */
  close(): Promise<void>
}

const closeTimeoutMs = 1000

/** Limits concurrent requests. A backfill of one hour must leave capacity for other clients. */
const maxConcurrentRequests = 6

export function createBatchTransport(options: BatchTransportOptions): BatchTransport {
  const semaphore = createSemaphore(maxConcurrentRequests)
  const openRequests = new Set<Promise<SendResult>>()
  const abortController = new AbortController()
  let isClosed = false

  async function postBatch({ identity, events }: ShopperBatch): Promise<Response> {
    const { userAgent, country, ...facts } = identity
    const body: EventBatch = { ...facts, sentAt: options.now(), events: [...events] }
    return options.fetch(options.endpoint, {
      method: 'POST',
      headers: {
        'Content-Type': 'text/plain',
        'User-Agent': userAgent,
        [countryHeader]: country,
      },
      body: JSON.stringify(body),
      signal: abortController.signal,
    })
  }

  async function send(batch: ShopperBatch): Promise<SendResult> {
    const response = await postBatch(batch)
    if (response.status === 202) {
      const { rejected } = (await response.json()) as BatchVerdict
      for (const { code } of rejected) options.onRejected(code)
      options.onAccepted(batch)
      return 'settled'
    }
    await response.body?.cancel()
    if (isTemporary(response.status)) return 'retry'
    options.onRejected(`status ${response.status}`)
    return 'settled'
  }

  return {
    async sendBatch(batch) {
      await semaphore.acquire()
      if (isClosed) {
        semaphore.release()
        return 'retry'
      }
      // Without a complete answer the same batch is sent again; the server deduplicates it.
      const sending = send(batch).catch((): SendResult => 'retry')
      openRequests.add(sending)
      const result = await sending
      openRequests.delete(sending)
      semaphore.release()
      return result
    },
    async close() {
      isClosed = true
      const timeout = setTimeout(() => abortController.abort(), closeTimeoutMs)
      await Promise.all(openRequests)
      clearTimeout(timeout)
    },
  }
}

function isTemporary(status: number): boolean {
  return status >= 500 || status === 408 || status === 429
}
