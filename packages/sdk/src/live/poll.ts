import {
  type ErrorCode,
  type Selection,
  type Snapshot,
  errors,
  selectionQuery,
} from '@tidemark/protocol'
import { isObject } from '../is-object.ts'
import { parseRetryAfter } from './backoff.ts'
import { isSnapshotOf } from './snapshot.ts'
import type { LiveError, Platform } from './types.ts'

/** An answer that takes longer than this counts as none. */
const timeoutMs = 10_000

export type PollResult =
  { snapshot: Snapshot } | { error: LiveError; status: number | undefined; retryAfterMs: number }

/**
 * One conditional GET of the whole state. Never rejects.
 *
 * With `cache: 'no-cache'` the browser itself sends `If-None-Match` and turns a 304 into the 200 it has
 * stored (Fetch standard, HTTP-network-or-cache fetch), which needs no preflight. So it is the cursor in
 * the body that says whether anything is new, never the status.
 */
export async function poll(
  platform: Platform,
  siteUrl: string,
  selection: Selection,
  cancel: AbortSignal,
): Promise<PollResult> {
  // A browser's `fetch` that was handed in as it is must not be called as a method (Web IDL: illegal invocation).
  const { fetch } = platform
  const timeout = new AbortController()
  const abort = (): void => timeout.abort()
  const timer = platform.setTimeout(abort, timeoutMs)
  cancel.addEventListener('abort', abort)
  try {
    const response = await fetch(`${siteUrl}/realtime?${selectionQuery(selection)}`, {
      cache: 'no-cache',
      credentials: 'omit',
      signal: timeout.signal,
    })
    const body: unknown = await response.json().catch(() => undefined)
    if (response.ok) {
      return isSnapshotOf(selection, body) ? { snapshot: body } : failed('answer_invalid')
    }
    const retryAfterMs = parseRetryAfter(response.headers.get('Retry-After'), platform.now())
    const error = failed(codeIn(body, response.status), detailIn(body))
    return { ...error, status: response.status, retryAfterMs }
  } catch {
    return failed('network')
  } finally {
    platform.clearTimeout(timer)
    cancel.removeEventListener('abort', abort)
  }
}

const messages = {
  network: 'The server did not answer.',
  answer_invalid: 'The server answered with something that is not a snapshot.',
} as const

function failed(
  code: LiveError['code'],
  detail?: string,
): { error: LiveError; status: undefined; retryAfterMs: number } {
  const message = code === 'network' || code === 'answer_invalid' ? messages[code] : code
  return { error: { code, message: detail ?? message }, status: undefined, retryAfterMs: 0 }
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
