import { isProblem } from '@tidemark/protocol'
import type { SiteConfig } from '../config.ts'
import { TidemarkError, type TidemarkErrorOptions } from './tidemark-error.ts'

export interface RequestOptions {
  /** Cancels the request, which then rejects with the signal's reason. */
  signal?: AbortSignal
  /** @default the global `fetch` */
  fetch?: typeof globalThis.fetch
}

/**
 * Sends one GET request for a resource of a site and returns the parsed response.
 *
 * The request is conditional (`cache: 'no-cache'`): an unchanged response comes from the browser's cache.
 *
 * @throws {TidemarkError} when the server refuses, does not answer, or is not a Tidemark server
 */
export async function requestJson(
  config: SiteConfig,
  resource: 'realtime' | 'metrics',
  parameters: URLSearchParams,
  { signal, fetch = globalThis.fetch }: RequestOptions,
): Promise<unknown> {
  const url = toUrl(config, resource, parameters)
  const headers = await authorization(config)
  let response: Response
  try {
    response = await fetch(url, { cache: 'no-cache', ...headers, ...(signal && { signal }) })
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw noResponse(config, { cause })
  }
  const body: unknown = await response.json().catch((cause: unknown) => {
    if (signal?.aborted) throw cause
    return undefined
  })
  if (response.ok) return body
  const failure = failureOf(response)
  if (isProblem(body)) throw new TidemarkError(body.code, body.detail, failure)
  throw gatewayStatuses.includes(response.status)
    ? noResponse(config, failure)
    : invalidResponse(config, failure)
}

/** Statuses of a proxy whose server is down, overloaded or slow (RFC 9110, sections 15.6.3 to 15.6.5). */
const gatewayStatuses: readonly number[] = [502, 503, 504]

function noResponse({ baseUrl }: SiteConfig, failure: TidemarkErrorOptions): TidemarkError {
  return new TidemarkError('network', `The server does not answer: ${baseUrl}`, failure)
}

/** Longest `Retry-After` that a reader obeys: ten minutes. */
const maxRetryAfterMs = 600_000

/** Returns status and `Retry-After`, which is seconds or a date (RFC 9110, section 10.2.3). */
function failureOf({ status, headers }: Response): TidemarkErrorOptions {
  const header = headers.get('Retry-After') ?? ''
  const delayMs = Number(header) * 1000 || Date.parse(header) - Date.now()
  return delayMs > 0 ? { status, retryAfterMs: Math.min(delayMs, maxRetryAfterMs) } : { status }
}

/** Creates the error for a response that is not from a Tidemark server, such as a proxy's login page. */
export function invalidResponse(
  { baseUrl }: SiteConfig,
  failure: TidemarkErrorOptions = {},
): TidemarkError {
  const message = `The response is not from a Tidemark server. Check baseUrl: ${baseUrl}`
  return new TidemarkError('answer_invalid', message, failure)
}

function toUrl({ baseUrl, siteId }: SiteConfig, resource: string, query: URLSearchParams): string {
  const base = baseUrl.replace(/\/+$/, '')
  const search = query.size > 0 ? `?${query}` : ''
  return `${base}/sites/${encodeURIComponent(siteId)}/${resource}${search}`
}

/** Returns the `Authorization` header. Without a token there is no header, and so no CORS preflight. */
async function authorization({ token }: SiteConfig): Promise<{ headers?: Record<string, string> }> {
  try {
    const bearer = typeof token === 'function' ? await token() : token
    return bearer === undefined ? {} : { headers: { Authorization: `Bearer ${bearer}` } }
  } catch (cause) {
    throw new TidemarkError('token_unavailable', 'The `token` function failed.', { cause })
  }
}
