import { gunzipSync } from 'node:zlib'

/** A request that a tracker has sent. */
export interface SentRequest {
  readonly url: URL
  readonly body: Buffer
}

/**
 * Lists the values of a key anywhere in the payload of a request, in order. Payloads are JSON, gzip of JSON, or form
 * fields (in the body or in the URL) with JSON or with base64 of JSON.
 */
export function valuesOf(request: SentRequest, key: string): string[] {
  return payloadsOf(request).flatMap(payload => valuesIn(payload, key))
}

function payloadsOf({ url, body }: SentRequest): unknown[] {
  const isGzip = body[0] === 0x1f && body[1] === 0x8b
  const text = (isGzip ? gunzipSync(body) : body).toString('utf8')
  const whole = parseJson(text)
  const fields = whole === undefined ? [...new URLSearchParams(text).values()] : []
  return [whole, ...[...fields, ...url.searchParams.values()].map(parseField)]
}

function parseField(text: string): unknown {
  return parseJson(text) ?? parseJson(Buffer.from(text, 'base64').toString('utf8'))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function valuesIn(value: unknown, key: string): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) =>
    name === key && typeof member === 'string' ? [member] : valuesIn(member, key),
  )
}
