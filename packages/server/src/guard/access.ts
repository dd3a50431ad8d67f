/** What a request wants to do with a site: send events, or read numbers. */
export type Scope = 'write' | 'read'

/** What somebody who was let in may go on doing, and until when. */
export interface Access {
  /** When it ends, in milliseconds since 1970; `undefined` for never. */
  readonly expiresAt: number | undefined
  /**
   * Asks anew with a fresh token, for the same site and scope: the access from now on, or `undefined` when the
   * token is refused, and then what was before stays. Never rejects.
   */
  renew(token: string): Promise<Access | undefined>
}

/** That of a reader whom nobody asks who they are. Any token is as good. */
export const openAccess: Access = {
  expiresAt: undefined,
  renew: () => Promise.resolve(openAccess),
}
