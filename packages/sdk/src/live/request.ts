import { isProblem } from '@tidemark/protocol'
import { parseRetryAfter } from '../shared/backoff.ts'
import { type TokenProvider, authorization } from './token.ts'
import type { LiveError, LivePlatform } from './types.ts'

/** Longest `Retry-After` that the client obeys: ten minutes. */
export const maxRetryAfterMs = 600_000

/** A request without a usable response. */
export interface Failure {
  readonly error: LiveError
  /** HTTP status; `undefined` without a response. */
  readonly status: number | undefined
  /** `Retry-After` in milliseconds; 0 without the header. */
  readonly retryAfterMs: number
}

export interface RequestOptions {
  platform: LivePlatform
  token: TokenProvider
  url: string
  /** Cache mode of the Fetch standard. */
  cache: RequestCache
  /** Time after which the request fails, in milliseconds. */
  timeoutMs: number
  /** Cancels the request. */
  cancel: AbortSignal
}

/** Sends a GET request and parses the JSON response. Never rejects. */
export async function requestJson(options: RequestOptions): Promise<{ body: unknown } | Failure> {
  const { platform, cancel } = options
  const timeout = new AbortController()
  const abort = (): void => timeout.abort()
  const timer = platform.setTimeout(abort, options.timeoutMs)
  cancel.addEventListener('abort', abort)
  try {
    const response = await openRequest(options, timeout.signal)
    if ('error' in response) return response
    const body: unknown = await response.json().catch(() => undefined)
    return response.ok ? { body } : toFailure(response, body, platform)
  } catch {
    return createFailure('network')
  } finally {
    platform.clearTimeout(timer)
    cancel.removeEventListener('abort', abort)
  }
}

/**
 * Sends a GET request and returns the response before its body has arrived.
 * @throws the errors of `fetch`
 */
export async function openRequest(
  { platform, token, url, cache }: Omit<RequestOptions, 'timeoutMs' | 'cancel'>,
  signal: AbortSignal,
): Promise<Response | Failure> {
  // Called without `platform.`: browsers throw "Illegal invocation" for a native `fetch` with another `this` (Web IDL).
  const { fetch } = platform
  if (token.isMissing && !(await token.renew())) return createFailure('token_unavailable')
  return fetch(url, { cache, credentials: 'omit', signal, ...authorization(token) })
}

/** Returns the failure for a response with a status other than 2xx. */
export function toFailure(response: Response, body: unknown, { now }: LivePlatform): Failure {
  const retryAfter = response.headers.get('Retry-After')
  return {
    ...(isProblem(body)
      ? createFailure(body.code, body.detail)
      : createFailure(gatewayStatuses.includes(response.status) ? 'network' : 'answer_invalid')),
    status: response.status,
    retryAfterMs: parseRetryAfter(retryAfter, now(), maxRetryAfterMs),
  }
}

const messages = {
  network: 'The server did not answer.',
  answer_invalid: 'The response is not a snapshot; check `baseUrl`.',
  token_unavailable: 'The `token` function returned no token.',
} as const

export function createFailure(code: LiveError['code'], detail?: string): Failure {
  const message = isClientCode(code) ? messages[code] : code
  return { error: { code, message: detail ?? message }, status: undefined, retryAfterMs: 0 }
}

function isClientCode(code: LiveError['code']): code is keyof typeof messages {
  return Object.hasOwn(messages, code)
}

/** Statuses of a proxy whose server is down, overloaded or slow (RFC 9110, sections 15.6.3 to 15.6.5). */
const gatewayStatuses: readonly number[] = [502, 503, 504]
