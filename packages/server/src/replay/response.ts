import { type BatchVerdict, isObject } from '@tidemark/protocol'
import type { TransportResponse } from './transport.ts'

/** What an answer means for the batch that it answers. */
export type BatchOutcome =
  | { kind: 'taken'; accepted: number; rejected: string[] }
  /** Too large: in two halves it may be taken. */
  | { kind: 'split' }
  | { kind: 'retry'; reason: string }
  /** This batch will never be taken, another may. */
  | { kind: 'failed'; reason: string }
  /** No batch will ever be taken. */
  | { kind: 'refused'; code: string; detail: string }

/** Reads an answer of `POST events`; see docs/replay.md for what is tried again. */
export function interpretResponse(answer: TransportResponse): BatchOutcome {
  const { status } = answer
  const body = parseJson(answer.body)
  const code = textOf(body, 'code') ?? `http_${status}`
  if (status >= 200 && status < 300) return readVerdict(body, code)
  if (status === 408 || status === 429 || status >= 500) return { kind: 'retry', reason: code }
  if (status === 413) return { kind: 'split' }
  if (status === 400 || status === 415) return { kind: 'failed', reason: code }
  return { kind: 'refused', code, detail: textOf(body, 'detail') ?? `It answered ${status}.` }
}

function readVerdict(body: unknown, code: string): BatchOutcome {
  if (isVerdict(body)) {
    return {
      kind: 'taken',
      accepted: body.accepted,
      rejected: body.rejected.map(each => each.code),
    }
  }
  return { kind: 'refused', code, detail: 'Its answer is not one of a Tidemark server.' }
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
