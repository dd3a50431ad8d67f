import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'

/** Headers that apply to one connection only: RFC 9110, section 7.6.1. */
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

/** Headers with a client address. A client can forge them, so the proxy replaces them. */
const spoofableHeaders = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
])

/** Returns the headers to forward: without hop-by-hop headers and those named in `Connection`. */
export function endToEndHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const connectionHeaders = (headers.connection ?? '').toLowerCase().split(/\s*,\s*/)
  const forwarded = Object.entries(headers).filter(
    ([name]) => !hopByHop.has(name) && !connectionHeaders.includes(name),
  )
  return Object.fromEntries(forwarded)
}

/** Returns the request headers for the analytics server, with the client's real address. */
export function upstreamHeaders(request: IncomingMessage): OutgoingHttpHeaders {
  const headers = endToEndHeaders(request.headers)
  for (const name of spoofableHeaders) delete headers[name]
  // The proxy has already answered `100 Continue`.
  delete headers['expect']
  return { ...headers, 'x-forwarded-for': addressOf(request) }
}

/** Returns the client address. Dual-stack sockets report IPv4 addresses as `::ffff:192.0.2.1`. */
function addressOf(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '')
}
