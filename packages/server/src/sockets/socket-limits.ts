import { inspect } from 'node:util'

/** Deadlines and limits of the TCP connections of a port. */
export interface SocketLimits {
  /** Longest time until the headers of a request are complete, also on a new silent connection. @default 10 seconds */
  headersMs: number
  /** Longest time until a request is complete, with its body. @default 30 seconds */
  requestMs: number
  /** Longest time in which a client reads nothing of an answer that waits for it. @default 30 seconds */
  answerMs: number
  /** How long a connection stays open between two requests. @default 5 seconds */
  keepAliveMs: number
  /** Requests that may wait for the answer to an earlier request of their connection. @default 32 */
  maxPipelined: number
  /**
   * Bytes of bodies that are incomplete after a quarter of a second. Beyond it, the requests that take longest end.
   * @default 32 MiB
   */
  maxUnfinishedBytes: number
  /** Most open connections, of all kinds. @default 20,000 */
  maxOpen: number
  /**
   * Most open connections, of all kinds, of one address or IPv6 network (/64). Loopback addresses and trusted proxies
   * are not limited. @default 1,024
   */
  maxPerAddress: number
}

export type SocketOptions = Partial<SocketLimits>

export const defaultSocketLimits: SocketLimits = {
  headersMs: 10_000,
  requestMs: 30_000,
  answerMs: 30_000,
  keepAliveMs: 5000,
  maxPipelined: 32,
  maxUnfinishedBytes: 32 * 1024 * 1024,
  maxOpen: 20_000,
  maxPerAddress: 1024,
}

/** @throws {TypeError} for a limit that is not a whole number from 1 to 2^31 - 1 */
export function resolveSocketLimits(options: SocketOptions = {}): SocketLimits {
  for (const [name, value] of Object.entries(options)) {
    if (!Number.isInteger(value) || value < 1 || value >= 2 ** 31) {
      throw new TypeError(
        `sockets.${name}: ${inspect(value)} is not a whole number from 1 to 2147483647.`,
      )
    }
  }
  return { ...defaultSocketLimits, ...options }
}
