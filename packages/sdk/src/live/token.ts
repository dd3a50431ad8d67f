/** A token, or what gives a fresh one whenever it is asked. */
export type TokenSource = string | (() => string | Promise<string>)

/** The token that requests are made with. */
export interface TokenKeeper {
  /** As it is now; `undefined` where none is needed, and before the source has given one. */
  readonly current: string | undefined
  /** Whether another one can be had when this one has expired. */
  readonly isRenewable: boolean
  /** Whether a token is needed and the source has not given one yet. */
  readonly isMissing: boolean
  /** Asks the source for one. Never rejects; `false` when there is none, or only the same again. */
  renew(): Promise<boolean>
}

/** @param source `undefined` where no token is needed */
export function createTokenKeeper(source: TokenSource | undefined): TokenKeeper {
  let current = typeof source === 'string' ? source : undefined
  let asking: Promise<boolean> | undefined

  async function ask(give: () => string | Promise<string>): Promise<boolean> {
    const before = current
    try {
      current = await give()
      return current !== before
    } catch {
      // The page's own request has failed; what is asked with the token says so, and is tried again.
      return false
    }
  }

  function renew(): Promise<boolean> {
    if (typeof source !== 'function') return Promise.resolve(false)
    asking ??= ask(source).finally(() => {
      asking = undefined
    })
    return asking
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
 * The `Authorization` header of RFC 6750, where there is a token. Where there is none, nothing is said, so that
 * a request needs no preflight.
 */
export function authorization({ current }: TokenKeeper): { headers?: Record<string, string> } {
  return current === undefined ? {} : { headers: { Authorization: `Bearer ${current}` } }
}
