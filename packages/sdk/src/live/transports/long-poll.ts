import { type FramesAnswer, formatCursor, limits, selectionQuery } from '@tidemark/protocol'
import { isObject } from '../../shared/is-object.ts'
import { createAttempts } from './attempts.ts'
import { poll } from './poll.ts'
import { type Failure, requestJson } from '../request.ts'
import { type TransportConnection, type TransportOptions, lossReasonOf } from './transport.ts'

/** What an answer may take beyond the time that the server was asked to hold it. */
const slackMs = 10_000
/** Time between two questions at least, so that a busy site is asked once a second and not for every frame. */
const minIntervalMs = 1000
/** A server that says twice on end that it has no frames after its own snapshot leads nowhere. */
const maxResets = 2

/** What a question has led to. */
type Outcome = 'frames' | 'snapshot' | 'reset' | Failure

/**
 * Held requests: each is answered when there is something new, or after a while with nothing. They come
 * through what neither upgrades nor lets an answer stream, and need no more than a poll does.
 */
export function openLongPollTransport(options: TransportOptions): TransportConnection {
  const { platform, reader, token, siteUrl } = options
  const attempts = createAttempts(platform)
  let request: AbortController | undefined
  let timer: unknown
  let isOpen = false
  let isProved = false
  let needsSnapshot = false
  /** Answers on end that the frames cannot be had. */
  let resets = 0
  let askedAt = -Infinity

  function askAfter(delayMs: number): void {
    platform.clearTimeout(timer)
    timer = platform.setTimeout(ask, delayMs)
  }

  function ask(): void {
    platform.clearTimeout(timer)
    request?.abort()
    const cancel = new AbortController()
    request = cancel
    askedAt = platform.now()
    const { position } = reader
    const answer =
      position && reader.isComplete && !needsSnapshot
        ? askFrames(formatCursor(position.cursor), cancel.signal)
        : askSnapshot(cancel.signal)
    void answer.then(result => {
      if (cancel.signal.aborted) return
      request = undefined
      if (typeof result === 'string') goOn(result)
      else end(result)
    })
  }

  async function askSnapshot(cancel: AbortSignal): Promise<Outcome> {
    const result = await poll({ platform, token, siteUrl, selection: options.selection(), cancel })
    if ('error' in result) return result
    if (!cancel.aborted) reader.applySnapshot(result.snapshot)
    needsSnapshot = false
    return 'snapshot'
  }

  async function askFrames(since: string, cancel: AbortSignal): Promise<Outcome> {
    // The first question is not held, and so shows at once whether this road leads anywhere.
    const waitSeconds = isProved ? limits.maxWaitSeconds : 0
    const query = `${selectionQuery(options.selection())}&since=${since}&wait=${waitSeconds}`
    const url = `${siteUrl}/realtime/frames?${query}`
    const timeoutMs = waitSeconds * 1000 + slackMs
    const answer = await requestJson({ platform, token, url, cache: 'no-store', timeoutMs, cancel })
    if ('error' in answer) {
      needsSnapshot = answer.status === 410
      return needsSnapshot && ++resets < maxResets ? 'reset' : answer
    }
    resets = 0
    if (cancel.aborted) return broken
    return isFramesAnswer(since, answer.body) && takeFrames(answer.body) ? 'frames' : broken
  }

  /** Whether all of it could be taken in. */
  function takeFrames({ frames }: FramesAnswer): boolean {
    try {
      return frames.every(frame => reader.takeFrame(frame) === 'taken')
    } catch {
      return false
    }
  }

  function goOn(outcome: Exclude<Outcome, Failure>): void {
    isOpen = true
    if (outcome === 'frames' && !isProved) {
      isProved = true
      attempts.proved()
      options.onProved()
    }
    options.onNews(outcome !== 'reset')
    // Whoever was told the news may have changed the selection, and so have asked already.
    if (isOpen && !request) askAfter(Math.max(0, askedAt + minIntervalMs - platform.now()))
  }

  function end({ status, retryAfterMs }: Failure): void {
    isOpen = false
    isProved = false
    resets = 0
    const reason = lossReasonOf(status)
    attempts.ended()
    attempts.stayAway(retryAfterMs)
    if (reason === 'broken') askAfter(attempts.nextDelayMs())
    options.onLost({ reason, retryAfterMs })
  }

  askAfter(attempts.nextDelayMs())

  return {
    get isOpen() {
      return isOpen
    },
    silenceMs: limits.maxWaitSeconds * 1000 + slackMs,
    resubscribe() {
      if (request || isOpen) ask()
    },
    drop() {
      if (!request) return
      request.abort()
      request = undefined
      end(broken)
    },
    stop() {
      platform.clearTimeout(timer)
      request?.abort()
      request = undefined
      isOpen = false
    },
  }
}

const broken: Failure = {
  error: { code: 'answer_invalid', message: '' },
  status: undefined,
  retryAfterMs: 0,
}

function isFramesAnswer(since: string, body: unknown): body is FramesAnswer {
  return (
    isObject(body) &&
    // An answer to another question is a cache's.
    body['from'] === since &&
    Array.isArray(body['frames'])
  )
}
