import { type BatchVerdict, isObject } from '@tidemark/protocol'
import type { TransportResponse } from './transport.ts'

/** Outcome of one request for its batch. */
export type BatchOutcome =
  | { kind: 'accepted'; accepted: number; rejected: string[] }
  /** The batch is too large, and may be accepted in two halves. */
  | { kind: 'split' }
  /** The request failed and can be retried. */
  | { kind: 'retry'; reason: string }
  /** The server will never accept this batch, but may accept others. */
  | { kind: 'failed'; reason: string }
  /** The server will never accept any batch. */
  | { kind: 'refused'; code: string; detail: string }

/** Interprets a response of `POST events`. docs/import-and-replay.md lists the retried statuses. */
export function interpretResponse(response: TransportResponse): BatchOutcome {
  const { status } = response
  const body = parseJson(response.body)
  const code = textOf(body, 'code') ?? `http_${status}`
  if (status >= 200 && status < 300) return toAccepted(body, code)
  if (status === 408 || status === 429 || status >= 500) return { kind: 'retry', reason: code }
  if (status === 413) return { kind: 'split' }
  if (status === 400 || status === 415) return { kind: 'failed', reason: code }
  const detail = textOf(body, 'detail') ?? `The server responded with status ${status}.`
  return { kind: 'refused', code, detail }
}

function toAccepted(body: unknown, code: string): BatchOutcome {
  if (isVerdict(body)) {
    const rejected = body.rejected.map(each => each.code)
    return { kind: 'accepted', accepted: body.accepted, rejected }
  }
  return { kind: 'refused', code, detail: 'The response is not that of a Tidemark server.' }
}

function isVerdict(body: unknown): body is BatchVerdict {
  return (
    isObject(body) &&
    typeof body.accepted === 'number' &&
    Array.isArray(body.rejected) &&
    body.rejected.every(each => textOf(each, 'code') !== undefined)
  )
}

function textOf(body: unknown, name: string): string | undefined {
  const value = isObject(body) ? body[name] : undefined
  return typeof value === 'string' ? value : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
