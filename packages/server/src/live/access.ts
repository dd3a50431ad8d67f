/** What a reader was let in with. */
export interface Access {
  /** When it ends, in milliseconds since 1970 by the server's clock; `undefined` for never. */
  readonly expiresAt: number | undefined
  /** What a fresh token gives; `undefined` when it does not let the reader in here. */
  renew(token: string): Promise<Access | undefined>
}

/** That of a reader whom nobody asks who they are. Any token is as good. */
export const openAccess: Access = {
  expiresAt: undefined,
  renew: () => Promise.resolve(openAccess),
}
