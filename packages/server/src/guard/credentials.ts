import { tokenSubprotocol } from '@tidemark/protocol'

/** Returns whether a request is a WebSocket handshake, by the rule of Hono's upgrade helper. */
export function isHandshake({ headers }: Request): boolean {
  return headers.get('Upgrade')?.toLowerCase() === 'websocket'
}

/** Returns the bearer token of a request (RFC 6750, section 2.1), unchecked; `undefined` when there is none. */
export function tokenOf({ headers }: Request): string | undefined {
  const header = headers.get('Authorization')
  return header === null ? undefined : /^bearer +(.*)$/i.exec(header)?.[1]
}

/** Returns whether a request tries to send a bearer token, also an empty one. */
export function sendsToken({ headers }: Request): boolean {
  return /^bearer\b/i.test(headers.get('Authorization') ?? '')
}

/**
 * Moves the token of a handshake to `Authorization`. A page cannot set headers of a WebSocket, so it sends the token
 * as one more subprotocol.
 * @param isForeign whether the page is from another origin. Its cookie and password were then added by the browser,
 *   not by the page, and are removed.
 */
export function withSubprotocolToken(request: Request, isForeign: boolean): Request {
  const token = subprotocolTokenOf(request)
  if (token === undefined) return request
  if (!isForeign && request.headers.has('Authorization')) return request
  return withToken(request, token, isForeign ? ['Cookie'] : [])
}

/** Returns the token among the offered subprotocols. */
export function subprotocolTokenOf({ headers }: Request): string | undefined {
  return (headers.get('Sec-WebSocket-Protocol') ?? '')
    .split(',')
    .map(each => each.trim())
    .find(each => each.startsWith(tokenSubprotocol))
    ?.slice(tokenSubprotocol.length)
}

/** Copies a request with another token, and without some headers. */
export function withToken(
  request: Request,
  token: string,
  without: readonly string[] = [],
): Request {
  const headers = new Headers(request.headers)
  for (const name of without) headers.delete(name)
  // A text with line breaks or characters beyond ASCII is neither a token nor a valid header.
  headers.set('Authorization', `Bearer ${/^[\x21-\x7e]*$/.test(token) ? token : ''}`)
  return new Request(request.url, { method: request.method, headers, signal: request.signal })
}
