/** Permission that a request needs: to send events (`write`) or to read figures (`read`). */
export type Scope = 'write' | 'read'

/** The right of a client to use a site, for as long as its connection lasts. */
export interface Authorization {
  /** When it ends, in milliseconds since 1970; `undefined` for never. */
  readonly expiresAt: number | undefined
  /** Returns whether the access rules are still those that granted it. */
  isCurrent(): boolean
  /**
   * Authorizes the client again with a fresh token, for the same site and scope. Resolves with `undefined` when the
   * token is refused; the authorization before it then stays valid. Never rejects.
   */
  renew(token: string): Promise<Authorization | undefined>
  /**
   * Authorizes the client again by the current access rules, for the same site and scope. Resolves with `undefined`
   * when they refuse it. Never rejects.
   */
  recheck(): Promise<Authorization | undefined>
}

/** Authorization that no change of the access rules ends. Any token renews it. */
export const openAuthorization: Authorization = {
  expiresAt: undefined,
  isCurrent: () => true,
  renew: () => Promise.resolve(openAuthorization),
  recheck: () => Promise.resolve(openAuthorization),
}
