import { messageOf } from '../shared/error-message.ts'
import { retryDelayMs } from './backoff.ts'
import type { ReplayClock } from './clock.ts'
import { type ReplayFailure, toRefusal, toUnreachable } from './failure.ts'
import { replayLimits } from './limits.ts'
import { interpretResponse } from './response.ts'
import type { Transport, TransportResponse } from './transport.ts'

export interface CheckServerOptions {
  transport: Transport
  /** URL of the transport, for messages. */
  url: URL
  clock: ReplayClock
  /** In [0, 1). */
  random: () => number
  /** Ends delays and retries. */
  signal: AbortSignal
}

/** The server authorizes an empty batch like any other, and stores nothing. */
const emptyBatch = JSON.stringify({ events: [] })

/**
 * Checks that the server responds and accepts events for the site, so that the user sees a wrong address immediately
 * and not when the first page view is due. Retries for `replayLimits.startupWaitMs`, because the server may be
 * starting. Never rejects.
 * @returns the failure when the server will never accept a page view; `undefined` when page views can be sent
 */
export async function checkServer(options: CheckServerOptions): Promise<ReplayFailure | undefined> {
  const { transport, url, clock, random, signal } = options
  const startedAt = clock.now()
  for (let attempt = 1; !signal.aborted; attempt++) {
    const response = await transport.post(emptyBatch, undefined).catch(toError)
    if (!(response instanceof Error)) return toFailure(url, response)
    const remainingMs = startedAt + replayLimits.startupWaitMs - clock.now()
    if (remainingMs <= 0) return toUnreachable(url, response)
    const delayMs = retryDelayMs(attempt, undefined, random(), clock.now())
    await clock.sleep(Math.min(delayMs, remainingMs), signal).catch(() => {}) // Aborted: the loop ends.
  }
  return undefined
}

/** Returns a failure for a refusal only: each batch retries temporary errors itself. */
function toFailure(url: URL, response: TransportResponse): ReplayFailure | undefined {
  const outcome = interpretResponse(response)
  return outcome.kind === 'refused' ? toRefusal(url, outcome) : undefined
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error))
}
