import type { TokenProvider } from './token.ts'
import type { RejectionReason } from './transports/transport.ts'

/** Consecutive fresh tokens that the server may reject before the client stops. */
const maxRenewals = 3

/** Tracks whether the server accepts this client, and renews rejected tokens. */
export interface Access {
  /** Whether the server has refused this client for good. */
  readonly isDenied: boolean
  /** Records an accepted request. */
  confirm(): void
  /**
   * Handles a rejected request. Renews the token if that can help; otherwise denies access.
   * @returns whether the token was renewed; `undefined` when access is denied
   */
  reject(reason: RejectionReason): Promise<boolean> | undefined
}

export function createAccess(token: TokenProvider): Access {
  let isDenied = false
  let renewals = 0

  async function renew(): Promise<boolean> {
    const isRenewed = await token.renew()
    // A source that is temporarily down returns no token, so there is nothing that the server could reject.
    if (isRenewed) renewals++
    return isRenewed
  }

  return {
    get isDenied() {
      return isDenied
    },
    confirm() {
      renewals = 0
    },
    reject(reason) {
      if (reason === 'unauthorized' && token.isRenewable && renewals < maxRenewals) return renew()
      isDenied = true
      return undefined
    },
  }
}
