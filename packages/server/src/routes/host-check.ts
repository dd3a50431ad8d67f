import type { IncomingMessage } from 'node:http'
import type { Context, MiddlewareHandler } from 'hono'
import type { HostNames } from '../guard/host-names.ts'
import { problem } from '../http/problem.ts'

/** Paths that probes of containers and load balancers read, with a host that they choose. */
const probePath = /\/(?:healthz?|ready)$/

/** The parts of a request of Node that name its host. */
export type HostedRequest = Readonly<Pick<IncomingMessage, 'headers' | 'socket'>> & {
  readonly url?: string | undefined
}

/** Characters of a refused host in an error. */
const maxShownLength = 100

/** Creates the middleware that refuses hosts that are not listed. It runs before CORS, so a refused page cannot read the answer. */
export function createHostCheck(hosts: HostNames): MiddlewareHandler {
  return (c, next) => {
    const refusal = refusalOf(c, hosts)
    return refusal ? Promise.resolve(refusal) : next()
  }
}

/** Returns the refusal of a request when only listed hosts are accepted and its host is not listed. */
export function refusalOf(c: Context, hosts: HostNames): Response | undefined {
  if (!hosts.isListed) return undefined
  // HTTP/2 has no such header; the URL then has the authority.
  const host = c.req.header('Host') ?? new URL(c.req.url).host
  return hosts.accepts(host) || probePath.test(c.req.path) ? undefined : refuseHost(host)
}

/** Returns the refusal of a request to a port, or `undefined` when its host is accepted. */
export function checkHost(
  hosts: HostNames,
  { headers, url = '', socket }: HostedRequest,
): Response | undefined {
  const authority = headers[':authority']
  const host = typeof authority === 'string' ? authority : (headers.host ?? '')
  if (hosts.accepts(host, socket)) return undefined
  return probePath.test(url.replace(/\?.*/s, '')) ? undefined : refuseHost(host)
}

function refuseHost(host: string): Response {
  const shown = JSON.stringify(host.slice(0, maxShownLength))
  return problem('host_refused', {
    detail: `The host ${shown} is not one of this server. If it is, name it with --host-name or \`hostNames\`, or trust the proxy with --trusted-proxy.`,
  })
}
