import { isIP } from 'node:net'
import { isObject } from '@tidemark/protocol'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import { createTrustedProxies } from '../guard/address.ts'
import { defaultAddressHeader, readHops } from '../guard/forwarded.ts'
import { isRequestId, requestIdHeader } from '../shared/request-id.ts'

/** Proxies and CDNs in front of the server. */
export interface ProxyOptions {
  /** Addresses and CIDR blocks of proxies whose `addressHeader` is trusted. @default none */
  trusted?: readonly string[]
  /**
   * Header in which the trusted proxies pass the client's address: `Forwarded`, `X-Real-IP`, `CF-Connecting-IP` or
   * another one. They must replace or extend the client's own value. @default 'X-Forwarded-For'
   */
  addressHeader?: string
  /**
   * Header in which a CDN sends the visitor's country, such as `CF-IPCountry`. With `trusted`, only requests from
   * these addresses may set it. @default none
   */
  countryHeader?: string
}

/** The client of a request, for a program that calls the server without a socket of Node. */
export interface Client {
  /** IP address at the other end of the connection. */
  readonly address?: string | undefined
}

/** The bindings of `@hono/node-server`, as far as they tell the address of a client. */
export interface NodeBindings {
  readonly incoming: { readonly socket: { readonly remoteAddress?: string | undefined } }
}

/** The facts about a client that a request carries through the proxies. */
export interface Proxies {
  /** Returns the client's address; an empty string when it is unknown. */
  addressOf(c: Context): string
  /** Returns whether an address is one of the configured proxies. */
  isProxy(address: string): boolean
  /** Returns the ID that a configured proxy gave the request; `undefined` for other senders, and an invalid ID. */
  requestIdOf(c: Context): string | undefined
  /** Returns the country that a trusted CDN sent, unchecked. */
  countryOf(c: Context): string | undefined
}

/** @throws {TypeError} for a trusted proxy that is neither an address nor a CIDR block */
export function createProxies(options: ProxyOptions = {}): Proxies {
  const { trusted = [], addressHeader = defaultAddressHeader, countryHeader } = options
  const { addressOf, isTrusted, isProxy } = createTrustedProxies(trusted)
  return {
    isProxy,
    requestIdOf(c) {
      if (trusted.length === 0) return undefined
      const id = c.req.header(requestIdHeader)
      return id !== undefined && isRequestId(id) && isProxy(peerAddressOf(c)) ? id : undefined
    },
    addressOf: c =>
      addressOf(peerAddressOf(c), readHops(addressHeader, c.req.header(addressHeader))),
    countryOf: c =>
      countryHeader !== undefined && isTrusted(peerAddressOf(c))
        ? c.req.header(countryHeader)
        : undefined,
  }
}

/** Returns the address at the other end of the socket, or the one that the host passed; empty when it is unknown. */
export function peerAddressOf(c: Context): string {
  if (!isObject(c.env)) return ''
  if ('incoming' in c.env) return getConnInfo(c).remote.address ?? ''
  const { address } = c.env
  return typeof address === 'string' && isIP(address) !== 0 ? address : ''
}
