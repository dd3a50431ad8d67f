import { createHmac } from 'node:crypto'

/** A secret of sufficient length. */
export const secret = 'a secret of the test, and of nothing else'

/** Signs the text of a token, regardless of the algorithm in its header. */
export type Signer = (text: string) => Buffer

export const signWith =
  (key: string): Signer =>
  text =>
    createHmac('sha256', key).update(text).digest()

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Creates a token by hand (RFC 7515, appendix A.1), also an invalid one that no library would create. */
export function makeToken(
  claims: unknown,
  header: unknown = { alg: 'HS256', typ: 'JWT' },
  sign: Signer = signWith(secret),
): string {
  const text = `${encode(header)}.${encode(claims)}`
  return `${text}.${sign(text).toString('base64url')}`
}

/** Claims of a token that may read the site `shop`. */
export const shopClaims = { aud: 'tidemark', site: 'shop', scope: 'read' }
