import type { Context } from 'hono'
import { isLoopback } from '../shared/network.ts'
import { peerAddressOf } from './proxies.ts'

/** Headers that proxies add: a proxy on this machine has a loopback address, too. */
const proxyHeaders = ['Forwarded', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Real-IP', 'Via']

/** Returns whether a program on this machine has sent a request, without a known sign of a proxy. */
export function isLocal(c: Context): boolean {
  return isLoopback(peerAddressOf(c)) && findForeignSign(c) === undefined
}

/** Returns why a request from a loopback address counts as foreign, as a sentence; `undefined` for other requests. */
export function explainForeign(c: Context): string | undefined {
  const sign = isLoopback(peerAddressOf(c)) ? findForeignSign(c) : undefined
  return sign && `The request comes from this machine, but ${sign}.`
}

function findForeignSign(c: Context): string | undefined {
  const header = proxyHeaders.find(name => c.req.header(name) !== undefined)
  if (header !== undefined) return `its header ${header} shows a proxy`
  const { hostname } = new URL(c.req.url)
  const isLocalName = hostname === 'localhost' || isLoopback(hostname.replaceAll(/[[\]]/g, ''))
  return isLocalName ? undefined : `its Host ${hostname} is not a loopback address or localhost`
}
