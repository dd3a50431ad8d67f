import { createHmac } from 'node:crypto'

/** A secret that is long enough. */
export const secret = 'a secret of the test, and of nothing else'

/** Signs what a token says; its own algorithm is not asked. */
export type Signer = (text: string) => Buffer

export const signWith =
  (key: string): Signer =>
  text =>
    createHmac('sha256', key).update(text).digest()

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token by hand (RFC 7515, appendix A.1), so that any may be made, also those that no library makes. */
export function makeToken(
  claims: unknown,
  header: unknown = { alg: 'HS256', typ: 'JWT' },
  sign: Signer = signWith(secret),
): string {
  const text = `${encode(header)}.${encode(claims)}`
  return `${text}.${sign(text).toString('base64url')}`
}

/** What a token for reading the site `shop` says. */
export const shopClaims = { aud: 'tidemark', site: 'shop', scope: 'read' }
