import { type FramesAnswer, formatCursor, readerLimits, selectionQuery } from '@tidemark/protocol'
import { isObject } from '../../shared/is-object.ts'
import { type Failure, requestJson } from '../request.ts'
import { poll } from './poll.ts'
import { createReconnectPolicy } from './reconnect-policy.ts'
import { type TransportConnection, type TransportOptions, toLossReason } from './transport.ts'

/** Time that a response may take beyond the requested wait. */
const slackMs = 10_000
/** Shortest time between two requests, so that a busy site is requested once a second instead of once per frame. */
const minIntervalMs = 1000
/** Consecutive 410 responses after which the transport fails: the server rejects the cursor of its own snapshot. */
const maxResets = 2

/** Result of a successful request: frames, a snapshot, or a 410 that requires a snapshot. */
type Success = 'frames' | 'snapshot' | 'reset'

/**
 * Long polling: the server responds to each request as soon as there are frames, or with none after 25 s. It passes
 * proxies that allow neither upgrades nor streaming.
 */
export function openLongPollTransport(options: TransportOptions): TransportConnection {
  const { platform } = options
  const policy = createReconnectPolicy(platform)
  const sendRequest = createFramesRequest(options)
  let inFlight: AbortController | undefined
  let timer: unknown
  let isOpen = false
  let isVerified = false
  let requestedAt = -Infinity

  function requestAfter(delayMs: number): void {
    platform.clearTimeout(timer)
    timer = platform.setTimeout(request, delayMs)
  }

  function request(): void {
    platform.clearTimeout(timer)
    inFlight?.abort()
    const controller = new AbortController()
    inFlight = controller
    requestedAt = platform.now()
    // The first request does not wait, so its response shows immediately whether the transport works.
    const waitSeconds = isVerified ? readerLimits.maxWaitSeconds : 0
    void sendRequest(waitSeconds, controller.signal).then(result => {
      if (controller.signal.aborted) return
      inFlight = undefined
      if (typeof result === 'string') handleSuccess(result)
      else handleFailure(result)
    })
  }

  function handleSuccess(result: Success): void {
    isOpen = true
    if (result === 'frames' && !isVerified) {
      isVerified = true
      policy.connectionVerified()
      options.onVerified()
    }
    options.onActivity(result !== 'reset')
    // `onActivity` may have changed the selection and so have sent the next request, or have stopped the transport.
    if (isOpen && !inFlight) {
      requestAfter(Math.max(0, requestedAt + minIntervalMs - platform.now()))
    }
  }

  function handleFailure({ status, retryAfterMs }: Failure): void {
    isOpen = false
    isVerified = false
    const reason = toLossReason(status)
    policy.connectionClosed()
    policy.setRetryAfter(retryAfterMs)
    if (reason === 'broken') requestAfter(policy.nextDelayMs())
    options.onLost({ reason, retryAfterMs })
  }

  requestAfter(policy.nextDelayMs())

  return {
    get retryAt() {
      return policy.retryAt
    },
    get isOpen() {
      return isOpen
    },
    maxSilenceMs: readerLimits.maxWaitSeconds * 1000 + slackMs,
    resubscribe() {
      if (inFlight || isOpen) request()
    },
    reconnect() {
      if (!inFlight) return
      inFlight.abort()
      inFlight = undefined
      handleFailure(invalidResponse)
    },
    stop() {
      platform.clearTimeout(timer)
      inFlight?.abort()
      inFlight = undefined
      isOpen = false
    },
  }
}

/**
 * Returns a function that requests frames, or a snapshot if the server no longer has the frames, and applies them to
 * the reader. It never rejects.
 */
function createFramesRequest(
  options: TransportOptions,
): (waitSeconds: number, cancel: AbortSignal) => Promise<Success | Failure> {
  const { platform, reader, token, siteUrl } = options
  let needsSnapshot = false
  let resets = 0

  async function requestSnapshot(cancel: AbortSignal): Promise<Success | Failure> {
    const result = await poll({ platform, token, siteUrl, selection: options.selection(), cancel })
    if ('error' in result) return result
    if (!cancel.aborted) reader.applySnapshot(result.snapshot)
    needsSnapshot = false
    return 'snapshot'
  }

  async function requestFrames(
    since: string,
    waitSeconds: number,
    cancel: AbortSignal,
  ): Promise<Success | Failure> {
    const query = `${selectionQuery(options.selection())}&since=${since}&wait=${waitSeconds}`
    const url = `${siteUrl}/realtime/frames?${query}`
    const timeoutMs = waitSeconds * 1000 + slackMs
    const response = await requestJson({
      platform,
      token,
      url,
      cache: 'no-store',
      timeoutMs,
      cancel,
    })
    const isGone = 'status' in response && response.status === 410
    resets = isGone ? resets + 1 : 0
    needsSnapshot = isGone
    if ('error' in response) return isGone && resets < maxResets ? 'reset' : response
    if (cancel.aborted) return invalidResponse
    const { body } = response
    return isFramesAnswer(since, body) && applyFrames(body) ? 'frames' : invalidResponse
  }

  /** Returns whether all frames could be applied. */
  function applyFrames({ frames }: FramesAnswer): boolean {
    try {
      return frames.every(frame => reader.applyFrame(frame) === 'applied')
    } catch {
      return false
    }
  }

  return (waitSeconds, cancel) => {
    const { position } = reader
    return position && reader.isComplete && !needsSnapshot
      ? requestFrames(formatCursor(position.cursor), waitSeconds, cancel)
      : requestSnapshot(cancel)
  }
}

const invalidResponse: Failure = {
  error: { code: 'answer_invalid', message: '' },
  status: undefined,
  retryAfterMs: 0,
}

function isFramesAnswer(since: string, body: unknown): body is FramesAnswer {
  return (
    isObject(body) &&
    // A cache may return the response to another request.
    body['from'] === since &&
    Array.isArray(body['frames'])
  )
}
