import { type KeyObject, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type PublicKeyAlgorithm, toPublicKey, toSecretKey } from './token-key.ts'

const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed25519 = generateKeyPairSync('ed25519')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString()
const privatePem = (key: KeyObject): string =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString()
const jwk = (key: KeyObject): string => JSON.stringify(key.export({ format: 'jwk' }))

/** Returns the message of the error that a function throws. */
function refusalOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError)
    return String(error)
  }
  return 'no error'
}

describe('toSecretKey', () => {
  it('requires 32 bytes of UTF-8', () => {
    expect(toSecretKey('é'.repeat(16))).toEqual({
      kty: 'oct',
      k: Buffer.from('é'.repeat(16)).toString('base64url'),
    })
    for (const short of ['', 'hunter2', 'x'.repeat(31)]) {
      const message = refusalOf(() => toSecretKey(short))
      expect(message).toContain(`has ${short.length} bytes. Use at least 32`)
      if (short !== '') expect(message).not.toContain(short)
    }
  })
})

describe('toPublicKey', () => {
  it.each<[PublicKeyAlgorithm, KeyObject]>([
    ['RS256', rsa.publicKey],
    ['PS384', rsa.publicKey],
    ['ES256', p256.publicKey],
    ['EdDSA', ed25519.publicKey],
  ])('accepts a key for %s as PEM and as JWK', (algorithm, key) => {
    expect(toPublicKey(pem(key), algorithm)).toBe(pem(key))
    expect(toPublicKey(`\n${jwk(key)}\n`, algorithm)).toBe(pem(key))
  })

  it.each<[PublicKeyAlgorithm, KeyObject]>([
    ['RS256', p256.publicKey],
    ['ES256', rsa.publicKey],
    ['ES384', p256.publicKey],
    ['EdDSA', p256.publicKey],
    ['ES256', ed25519.publicKey],
    ['EdDSA', generateKeyPairSync('ed448').publicKey],
  ])('rejects a key for %s of another kind', (algorithm, key) => {
    const message = refusalOf(() => toPublicKey(pem(key), algorithm))
    expect(message).toBe(
      `TypeError: The public key of the tokens does not fit ${algorithm}. Set the algorithm that belongs to this key.`,
    )
  })

  it('requires 2,048 bits of an RSA key', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    expect(refusalOf(() => toPublicKey(pem(publicKey), 'RS256'))).toContain('1024 bits')
  })

  it('rejects a private key without repeating it', () => {
    for (const key of [p256.privateKey, rsa.privateKey, ed25519.privateKey]) {
      for (const text of [privatePem(key), jwk(key)]) {
        const message = refusalOf(() => toPublicKey(text, 'ES256'))
        expect(message).toBe(
          'TypeError: The public key of the tokens is a private key. Use its public half.',
        )
      }
    }
  })

  it.each(['', 'hunter2', '{', '{}', '[]', '{"kty":"oct","k":"aHVudGVyMg"}', '{"keys":[]}'])(
    'rejects %j, which is neither PEM nor JWK',
    text => {
      expect(refusalOf(() => toPublicKey(text, 'ES256'))).toBe(
        'TypeError: The public key of the tokens is neither a PEM nor a JWK. Export the public key as one of them.',
      )
    },
  )

  it('rejects unknown algorithms and those of secrets', () => {
    for (const name of ['HS256', 'none', 'constructor', '']) {
      const algorithm: PublicKeyAlgorithm = JSON.parse(JSON.stringify(name))
      expect(refusalOf(() => toPublicKey(pem(rsa.publicKey), algorithm))).toContain(
        `access.tokens.algorithm: "${name}" is not supported. Use one of RS256, `,
      )
    }
  })
})
