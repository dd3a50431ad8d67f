import { type KeyObject, type webcrypto, createPublicKey } from 'node:crypto'
import { isObject } from '@tidemark/protocol'

/** Signature algorithm of tokens that are verified with a public key (RFC 7518, section 3.1; RFC 8037). */
export type PublicKeyAlgorithm =
  'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA'

type ImportParameters = webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams | 'Ed25519'

const rsa = (name: string, hash: string): ImportParameters => ({ name, hash })
const ec = (namedCurve: string): ImportParameters => ({ name: 'ECDSA', namedCurve })

const importParameters: Readonly<Record<PublicKeyAlgorithm, ImportParameters>> = {
  RS256: rsa('RSASSA-PKCS1-v1_5', 'SHA-256'),
  RS384: rsa('RSASSA-PKCS1-v1_5', 'SHA-384'),
  RS512: rsa('RSASSA-PKCS1-v1_5', 'SHA-512'),
  PS256: rsa('RSA-PSS', 'SHA-256'),
  PS384: rsa('RSA-PSS', 'SHA-384'),
  PS512: rsa('RSA-PSS', 'SHA-512'),
  ES256: ec('P-256'),
  ES384: ec('P-384'),
  ES512: ec('P-521'),
  EdDSA: 'Ed25519',
}

export const publicKeyAlgorithms: readonly string[] = Object.keys(importParameters)

export function isPublicKeyAlgorithm(name: string): name is PublicKeyAlgorithm {
  return Object.hasOwn(importParameters, name)
}

/** RFC 7518, section 3.2: a key for HS256 must be at least as long as the hash. */
export const minSecretBytes = 32

/** RFC 7518, sections 3.3 and 3.5. */
const minRsaBits = 2048

/** A key in a form that `hono/jwt` accepts. */
export type TokenKey = string | { readonly kty: 'oct'; readonly k: string }

/**
 * Converts the UTF-8 bytes of a secret to a key for HS256. Returns a JWK, as `hono/jwt` mistakes a text with the word
 * PUBLIC or PRIVATE for a key in PEM.
 * @throws {TypeError} for a secret of fewer than 32 bytes
 */
export function toSecretKey(secret: string): TokenKey {
  const bytes = Buffer.from(secret)
  if (bytes.length < minSecretBytes) {
    throw new TypeError(
      `The secret of the tokens has ${bytes.length} bytes. Use at least ${minSecretBytes}.`,
    )
  }
  return { kty: 'oct', k: bytes.toString('base64url') }
}

/**
 * Converts the public half of a key pair to PEM, and checks that it fits the algorithm.
 * @param text PEM, or JWK as JSON
 * @throws {TypeError} for anything else; the message does not repeat the text
 */
export function toPublicKey(text: string, algorithm: PublicKeyAlgorithm): TokenKey {
  if (!isPublicKeyAlgorithm(algorithm)) {
    throw new TypeError(
      `access.tokens.algorithm: ${JSON.stringify(algorithm)} is not supported. Use one of ${publicKeyAlgorithms.join(', ')}; with a secret it is HS256.`,
    )
  }
  const key = parsePublicKey(text)
  const bits = key.asymmetricKeyDetails?.modulusLength
  if (bits !== undefined && bits < minRsaBits) {
    throw new TypeError(
      `The public key of the tokens has ${bits} bits. Use an RSA key of at least ${minRsaBits}.`,
    )
  }
  try {
    key.toCryptoKey(importParameters[algorithm], false, ['verify'])
  } catch (cause) {
    throw new TypeError(
      `The public key of the tokens does not fit ${algorithm}. Set the algorithm that belongs to this key.`,
      { cause },
    )
  }
  return key.export({ type: 'spki', format: 'pem' }).toString()
}

function parsePublicKey(text: string): KeyObject {
  const jwk = parseJwk(text)
  // `createPublicKey` would accept it, and the private key would stay on a server that does not need it.
  if (/PRIVATE KEY/.test(text) || (jwk && 'd' in jwk)) {
    throw new TypeError('The public key of the tokens is a private key. Use its public half.')
  }
  try {
    return jwk ? createPublicKey({ key: jwk, format: 'jwk' }) : createPublicKey(text)
  } catch {
    // The text of a wrong file may be secret, and OpenSSL's message does not help.
    throw new TypeError(
      'The public key of the tokens is neither a PEM nor a JWK. Export the public key as one of them.',
    )
  }
}

function parseJwk(text: string): Record<string, unknown> | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
