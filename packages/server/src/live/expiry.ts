import type { Authorization, Refusal } from '../guard/authorization.ts'
import type { Clock } from '../shared/clock.ts'
import { atWallTime, wallTimeOf } from '../shared/wall-time.ts'

/** Time between the notice and the end of an authorization, in milliseconds. */
const noticeMs = 30_000

export interface ExpiryOptions {
  authorization: Authorization
  clock: Clock
  /** Called once before the authorization ends. */
  onExpiring: (inMs: number) => void
  onExpired: () => void
}

/** Watches the authorization of one connection. */
export interface Expiry {
  /** The authorization that is valid now. */
  readonly authorization: Authorization
  /** Replaces the authorization. */
  replace(authorization: Authorization): void
  /**
   * Authorizes again by the current access rules, for the figures that the reader has. Resolves with the refusal;
   * `undefined` when they allow the connection.
   */
  recheck(): Promise<Refusal | undefined>
  stop(): void
}

export function watchExpiry(options: ExpiryOptions): Expiry {
  const { clock, onExpiring, onExpired } = options
  let { authorization } = options
  let isStopped = false
  let cancel = schedule()

  function schedule(): () => void {
    const { expiresAt } = authorization
    if (expiresAt === undefined) return () => {}
    const cancelNotice = atWallTime(clock, expiresAt - noticeMs, () =>
      onExpiring(Math.max(0, expiresAt - wallTimeOf(clock))),
    )
    const cancelEnd = atWallTime(clock, expiresAt, onExpired)
    return () => {
      cancelNotice()
      cancelEnd()
    }
  }

  function replace(next: Authorization): void {
    const isSame = next.expiresAt === authorization.expiresAt
    authorization = next
    // Another schedule would repeat the notice.
    if (isStopped || isSame) return
    cancel()
    cancel = schedule()
  }

  return {
    get authorization() {
      return authorization
    },
    replace,
    async recheck() {
      while (!isStopped && !authorization.isCurrent()) {
        const before = authorization
        const checked = await before.recheck()
        // The reader may have renewed its token or changed its subscription meanwhile.
        if (authorization !== before) continue
        if ('code' in checked) return checked
        replace(checked)
      }
      return undefined
    },
    stop() {
      isStopped = true
      cancel()
    },
  }
}
