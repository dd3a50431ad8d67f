import { type ErrorCode, errors } from '@tidemark/protocol'
import { isObject } from '../shared/is-object.ts'
import { parseRetryAfter } from '../shared/backoff.ts'
import { type TokenKeeper, authorization } from './token.ts'
import type { LiveError, Platform } from './types.ts'

/** Why there is no answer that could be used. */
export interface Failure {
  readonly error: LiveError
  /** `undefined` when nothing was answered at all. */
  readonly status: number | undefined
  /** How long the server asks to stay away, in milliseconds; 0 when it did not say. */
  readonly retryAfterMs: number
}

export interface RequestOptions {
  platform: Platform
  token: TokenKeeper
  url: string
  /** Kinds of `cache` are the Fetch standard's. */
  cache: RequestCache
  /** An answer that takes longer than this counts as none, in milliseconds. */
  timeoutMs: number
  /** Gives it up. */
  cancel: AbortSignal
}

/** One GET of something in JSON. Never rejects. */
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
    return failed('network')
  } finally {
    platform.clearTimeout(timer)
    cancel.removeEventListener('abort', abort)
  }
}

/**
 * The answer to a GET, before its body has come.
 * @throws what `fetch` throws
 */
export async function openRequest(
  { platform, token, url, cache }: Omit<RequestOptions, 'timeoutMs' | 'cancel'>,
  signal: AbortSignal,
): Promise<Response | Failure> {
  // A browser's `fetch` that was handed in as it is must not be called as a method (Web IDL: illegal invocation).
  const { fetch } = platform
  if (token.isMissing && !(await token.renew())) return failed('token_unavailable')
  return fetch(url, { cache, credentials: 'omit', signal, ...authorization(token) })
}

/** What an answer that is not 2xx says. */
export function toFailure(response: Response, body: unknown, { now }: Platform): Failure {
  return {
    ...failed(codeIn(body, response.status), detailIn(body)),
    status: response.status,
    retryAfterMs: parseRetryAfter(response.headers.get('Retry-After'), now()),
  }
}

const messages = {
  network: 'The server did not answer.',
  answer_invalid: 'The server answered with something that is not a snapshot.',
  token_unavailable: 'The page gave no token.',
} as const

export function failed(code: LiveError['code'], detail?: string): Failure {
  const message = isOurs(code) ? messages[code] : code
  return { error: { code, message: detail ?? message }, status: undefined, retryAfterMs: 0 }
}

function isOurs(code: LiveError['code']): code is keyof typeof messages {
  return Object.hasOwn(messages, code)
}

/** What a proxy says when the server behind it is down, full or slow (RFC 9110, sections 15.6.3 to 15.6.5). */
const gatewayStatuses: readonly number[] = [502, 503, 504]

function codeIn(body: unknown, status: number): LiveError['code'] {
  const code = isObject(body) ? body['code'] : undefined
  if (isErrorCode(code)) return code
  return gatewayStatuses.includes(status) ? 'network' : 'answer_invalid'
}

function detailIn(body: unknown): string | undefined {
  const detail = isObject(body) ? body['detail'] : undefined
  return typeof detail === 'string' ? detail : undefined
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errors, code)
}
