import type { Context } from 'hono'
import { isLoopback } from '../shared/network.ts'
import { peerAddressOf } from './proxies.ts'

/** Headers that proxies add: a proxy on this machine has a loopback address, too. */
const proxyHeaders = ['Forwarded', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Real-IP', 'Via']

/** Returns whether a program on this machine has sent a request, without a known sign of a proxy. */
export function isLocal(c: Context): boolean {
  if (!isLoopback(peerAddressOf(c))) return false
  if (proxyHeaders.some(name => c.req.header(name) !== undefined)) return false
  const { hostname } = new URL(c.req.url)
  return hostname === 'localhost' || isLoopback(hostname.replaceAll(/[[\]]/g, ''))
}
