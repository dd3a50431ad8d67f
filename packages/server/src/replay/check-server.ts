import { interpretResponse } from './response.ts'
import { retryDelayMs } from './backoff.ts'
import type { ReplayClock } from './clock.ts'
import { type ReplayFailure, messageOf, toRefusal, toUnreachable } from './failure.ts'
import { replayLimits } from './limits.ts'
import type { TransportResponse, Transport } from './transport.ts'

export interface CheckServerOptions {
  transport: Transport
  /** Where the transport goes, for messages. */
  url: URL
  clock: ReplayClock
  /** In [0, 1). */
  random: () => number
  /** Ends waiting and trying again. */
  signal: AbortSignal
}

/** A batch of nothing is let in or refused as any other, and changes nothing. */
const emptyBatch = JSON.stringify({ events: [] })

/**
 * Makes sure that the server is there and takes events for the site, so that nobody waits for the first
 * page view to learn of a wrong address. A server that is coming up gets a few seconds. Never rejects.
 * @returns why no page view will ever be taken; `undefined` when they may be sent
 */
export async function checkServer(options: CheckServerOptions): Promise<ReplayFailure | undefined> {
  const { transport, url, clock, random, signal } = options
  const startedAt = clock.now()
  for (let attempt = 1; !signal.aborted; attempt++) {
    const answer = await transport.post(emptyBatch, undefined).catch(toError)
    if (!(answer instanceof Error)) return readAnswer(url, answer)
    const leftMs = startedAt + replayLimits.startupWaitMs - clock.now()
    if (leftMs <= 0) return toUnreachable(url, answer)
    const delayMs = retryDelayMs(attempt, undefined, random(), clock.now())
    await clock.sleep(Math.min(delayMs, leftMs), signal).catch(() => {}) // Aborted: the loop's condition sees it.
  }
  return undefined
}

/** What is wrong for now is seen to with each page view. */
function readAnswer(url: URL, answer: TransportResponse): ReplayFailure | undefined {
  const meaning = interpretResponse(answer)
  return meaning.kind === 'refused' ? toRefusal(url, meaning) : undefined
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error))
}
