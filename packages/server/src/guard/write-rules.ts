import { hash, timingSafeEqual } from 'node:crypto'
import type { ErrorCode } from '@tidemark/protocol'
import { minSecretBytes } from './token-key.ts'

/** The senders of events that a site accepts. */
export interface WriteOptions {
  /**
   * Origins of pages that may send events, exactly as browsers send them. A request without `Origin` then needs a write
   * key. @default any, also requests without `Origin`
   */
  writeOrigins?: readonly string[]
  /**
   * Keys of server-side senders, at least 32 bytes of UTF-8 each, sent as `Authorization: Bearer KEY`. They may describe
   * the visitor by `userAgent`, `address` and `country`. @default none
   */
  writeKeys?: readonly string[]
}

/** The parts of a request by which its sender is checked. */
export interface SenderCredentials {
  /** The header `Origin`; `undefined` when there is none. */
  readonly origin: string | undefined
  /** The bearer of the header `Authorization`; `undefined` when there is none. */
  readonly bearer: string | undefined
}

/** The senders of events that one site accepts. */
export interface WriteRules {
  /** Returns whether a bearer is a key of the site. The time does not depend on the keys. */
  isKey(bearer: string | undefined): boolean
  /** Returns the code of the refusal, or `undefined` for an accepted sender. */
  refusalOf(credentials: SenderCredentials): ErrorCode | undefined
}

export const anySender: WriteRules = { isKey: () => false, refusalOf: () => undefined }

/**
 * @param field name of the site's options in errors, such as `sites[0]`
 * @param requiresToken whether sending requires a token on this server
 * @throws {TypeError} for keys beside required tokens, and rules that nobody meets
 */
export function createWriteRules(
  { writeOrigins, writeKeys }: WriteOptions,
  field: string,
  requiresToken: boolean,
): WriteRules {
  if (writeOrigins === undefined && writeKeys === undefined) return anySender
  const origins = writeOrigins && new Set(writeOrigins)
  const digests = (writeKeys ?? []).map(toDigest)
  if (digests.length > 0 && requiresToken) {
    throw new TypeError(
      `${field}.writeKeys: access.tokens.scopes contains 'write', and a request has one Authorization header. Use keys or tokens.`,
    )
  }
  if (origins?.size === 0 && digests.length === 0 && !requiresToken) {
    throw new TypeError(
      `${field}.writeOrigins: [] refuses every sender. Add an origin, or \`writeKeys\` for server-side senders.`,
    )
  }

  function isKey(bearer: string | undefined): boolean {
    if (bearer === undefined || digests.length === 0) return false
    const digest = toDigest(bearer)
    return digests.reduce((isEqual, each) => timingSafeEqual(each, digest) || isEqual, false)
  }

  return {
    isKey,
    refusalOf({ origin, bearer }) {
      if (origins && origin !== undefined && !origins.has(origin)) return 'origin_refused'
      if (isKey(bearer)) return undefined
      // A wrong key is never an anonymous sender: its events would have the address of a server.
      if (bearer !== undefined && digests.length > 0) return 'key_invalid'
      if (!origins || origin !== undefined || requiresToken) return undefined
      return bearer === undefined ? 'key_missing' : 'key_invalid'
    },
  }
}

function toDigest(key: string): Buffer {
  return hash('sha256', key, 'buffer')
}

/** Returns what is wrong with a write key, in words that do not repeat it; `undefined` for a valid one. */
export function findKeyProblem(key: string): string | undefined {
  const bytes = Buffer.byteLength(key)
  if (bytes < minSecretBytes) {
    return `the key has ${bytes} bytes. Use at least ${minSecretBytes}; \`tidemark token --new-secret\` prints one.`
  }
  return /^[\x21-\x7e]+$/.test(key)
    ? undefined
    : 'the key has spaces or characters beyond ASCII, which no header may have. Use another one.'
}
