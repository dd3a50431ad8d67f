import { type ErrorCode, isObject, limits } from '@tidemark/protocol'
import type { Context, Next } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { problem } from '../http/problem.ts'

/** The body of a request as text, or the code of its refusal. */
export type EventBody = { readonly text: string } | { readonly code: ErrorCode }

/**
 * Reads a body of at most `limits.maxBodyBytes`. A host that runs a body parser before this app, such as
 * `express.json()`, has read the body already; it then comes from the parser.
 */
export async function readEventBody(c: Context): Promise<EventBody> {
  const incoming = incomingOf(c)
  const wasRead = incoming?.['readableDidRead'] === true
  if (wasRead) {
    const parsed = toText(incoming['body'])
    if (parsed !== undefined) return checkLength(parsed)
  }
  const isConsumed = wasRead || c.req.raw.bodyUsed
  try {
    if (await isTooLarge(c)) return { code: 'body_too_large' }
    if ((c.req.header('Content-Encoding') ?? 'identity') !== 'identity') {
      return { code: 'encoding_unsupported' }
    }
    const text = await c.req.text()
    return isConsumed && text === '' ? { code: 'body_consumed' } : { text }
  } catch (error) {
    // Hono still has the text of a body that another middleware of the same app has read.
    if (isConsumed) return { code: 'body_consumed' }
    throw error
  }
}

/** Returns the request of Node under a request, when a server of Node runs the app. */
function incomingOf({ env }: Context): Record<string, unknown> | undefined {
  const incoming: unknown = isObject(env) ? env['incoming'] : undefined
  return isObject(incoming) ? incoming : undefined
}

/** Converts the result of a body parser back to text; `undefined` when there is none. */
function toText(parsed: unknown): string | undefined {
  if (typeof parsed === 'string') return parsed
  if (parsed instanceof Uint8Array) return new TextDecoder().decode(parsed)
  return parsed === undefined || parsed === null ? undefined : JSON.stringify(parsed)
}

function checkLength(text: string): EventBody {
  return Buffer.byteLength(text) > limits.maxBodyBytes ? { code: 'body_too_large' } : { text }
}

/** Buffers the body, or answers when it is too large. */
const limitStream: (c: Context, next: Next) => Promise<unknown> = bodyLimit({
  maxSize: limits.maxBodyBytes,
  onError: () => problem('body_too_large'),
})

/** Returns whether the body is too large, checked before it is in memory. */
async function isTooLarge(c: Context): Promise<boolean> {
  const length = c.req.header('Content-Length')
  // Hono's middleware reads the body as a stream, which costs more than the rest of the request.
  if (length !== undefined && !c.req.header('Transfer-Encoding')) {
    return Number(length) > limits.maxBodyBytes
  }
  return (await limitStream(c, () => Promise.resolve())) !== undefined
}
