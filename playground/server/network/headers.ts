import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'

/** Headers that are about one connection and not about the message: RFC 9110, section 7.6.1. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** What a visitor could say about where the request comes from. Only the network itself knows that. */
const forgeable = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
])

/** The headers of a message that go on with it over the next connection. */
export function endToEnd(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').toLowerCase().split(/\s*,\s*/)
  const kept = Object.entries(headers).filter(
    ([name]) => !hopByHop.has(name) && !named.includes(name),
  )
  return Object.fromEntries(kept)
}

/** The headers of a request as they go on to the server: with the address that it really comes from. */
export function onward(request: IncomingMessage): OutgoingHttpHeaders {
  const headers = endToEnd(request.headers)
  for (const name of forgeable) delete headers[name]
  // `100 Continue` has been said by this end already.
  delete headers['expect']
  return { ...headers, 'x-forwarded-for': addressOf(request) }
}

/** A dual-stack socket reports IPv4 addresses as `::ffff:192.0.2.1`. */
function addressOf(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '')
}
