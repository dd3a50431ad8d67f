/** An access token, or a function that returns a fresh one. */
export type TokenSource = string | (() => string | Promise<string>)

/** Provides the token of each request. */
export interface TokenProvider {
  /** Current token; `undefined` when no token is configured or the source has not returned one yet. */
  readonly current: string | undefined
  /** Whether the source can return another token when this one has expired. */
  readonly isRenewable: boolean
  /** Whether a token is configured but the source has not returned one yet. */
  readonly isMissing: boolean
  /**
   * Requests a new token from the source. Never rejects.
   * @returns `false` when the source fails or returns the same token again
   */
  renew(): Promise<boolean>
}

/**
 * Creates a token provider for one client.
 * @param source `undefined` for a server that needs no token
 */
export function createTokenProvider(source: TokenSource | undefined): TokenProvider {
  let current = typeof source === 'string' ? source : undefined
  let renewal: Promise<boolean> | undefined

  async function request(getToken: () => string | Promise<string>): Promise<boolean> {
    const previous = current
    try {
      current = await getToken()
      return current !== previous
    } catch {
      // The next request reports the missing or expired token, and the client retries.
      return false
    }
  }

  function renew(): Promise<boolean> {
    if (typeof source !== 'function') return Promise.resolve(false)
    renewal ??= request(source).finally(() => {
      renewal = undefined
    })
    return renewal
  }

  return {
    get current() {
      return current
    },
    get isMissing() {
      return source !== undefined && current === undefined
    },
    isRenewable: typeof source === 'function',
    renew,
  }
}

/**
 * Returns the `Authorization` header (RFC 6750) as part of a `RequestInit`. Without a token it returns no header, so
 * that the request needs no preflight.
 */
export function authorization({ current }: TokenProvider): { headers?: Record<string, string> } {
  return current === undefined ? {} : { headers: { Authorization: `Bearer ${current}` } }
}
