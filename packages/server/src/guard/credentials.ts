import { tokenSubprotocol } from '@tidemark/protocol'

/** Whether a request is the handshake of a WebSocket, by the rule of the helper that would upgrade it. */
export function isHandshake({ headers }: Request): boolean {
  return headers.get('Upgrade')?.toLowerCase() === 'websocket'
}

/** The token of a request (RFC 6750, section 2.1), whatever it may be; `undefined` where there is none. */
export function tokenOf({ headers }: Request): string | undefined {
  const [, rest] = /^bearer +(.*)$/i.exec(headers.get('Authorization') ?? '') ?? []
  return rest
}

/**
 * A handshake with its token where every other request has it: in `Authorization`. A browser lets a page set no header
 * there, so the token comes as one more subprotocol.
 * @param isForeign it comes from a page of somebody else. Then a cookie or a password was added by the browser and
 *   not by that page, and what the page shows for itself is the token alone.
 */
export function withSubprotocolToken(request: Request, isForeign: boolean): Request {
  const token = subprotocolTokenOf(request)
  if (token === undefined) return request
  if (!isForeign && request.headers.has('Authorization')) return request
  return withToken(request, token, isForeign ? ['Cookie'] : [])
}

/** The token among the subprotocols that are offered. */
export function subprotocolTokenOf({ headers }: Request): string | undefined {
  return (headers.get('Sec-WebSocket-Protocol') ?? '')
    .split(',')
    .map(each => each.trim())
    .find(each => each.startsWith(tokenSubprotocol))
    ?.slice(tokenSubprotocol.length)
}

/** The same request with another token, and without some of its headers. */
export function withToken(
  request: Request,
  token: string,
  without: readonly string[] = [],
): Request {
  const headers = new Headers(request.headers)
  for (const name of without) headers.delete(name)
  // What is no token may be no header either: a line break, or what is not Latin-1.
  headers.set('Authorization', `Bearer ${/^[\x21-\x7e]*$/.test(token) ? token : ''}`)
  return new Request(request.url, { method: request.method, headers, signal: request.signal })
}
