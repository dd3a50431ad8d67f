import { describe, expect, it } from 'vitest'
import { createTestServer } from '../testing/server.ts'
import { type WriteOptions, type WriteRules, createWriteRules } from './write-rules.ts'

const key = 'k'.repeat(32)
const other = 'o'.repeat(40)
const shop = 'https://shop.example'

const rulesOf = (options: WriteOptions, requiresToken = false): WriteRules =>
  createWriteRules(options, 'sites[0]', requiresToken)

describe('createWriteRules', () => {
  it('accepts every sender without options', () => {
    const { refusalOf, isKey } = rulesOf({})
    expect(refusalOf({ origin: undefined, bearer: undefined })).toBeUndefined()
    expect(refusalOf({ origin: 'null', bearer: 'anything' })).toBeUndefined()
    expect(isKey(key)).toBe(false)
  })

  it.each([
    [shop, undefined, undefined],
    ['https://evil.example', undefined, 'origin_refused'],
    ['https://shop.example.evil.example', undefined, 'origin_refused'],
    ['http://shop.example', undefined, 'origin_refused'],
    ['https://shop.example:8443', undefined, 'origin_refused'],
    ['HTTPS://SHOP.EXAMPLE', undefined, 'origin_refused'],
    ['null', undefined, 'origin_refused'],
    ['', undefined, 'origin_refused'],
    [undefined, undefined, 'key_missing'],
    [undefined, key, undefined],
    [undefined, other, undefined],
    [undefined, `${key}x`, 'key_invalid'],
    [undefined, key.slice(1), 'key_invalid'],
    [undefined, '', 'key_invalid'],
    [shop, key, undefined],
    [shop, 'wrong', 'key_invalid'],
    ['https://evil.example', key, 'origin_refused'],
  ] as const)(
    'decides on origin %j and bearer %j with origins and keys: %s',
    (origin, bearer, code) => {
      const { refusalOf } = rulesOf({ writeOrigins: [shop], writeKeys: [key, other] })
      expect(refusalOf({ origin, bearer })).toBe(code)
    },
  )

  it('refuses a wrong key of a site without origins, and accepts anonymous senders', () => {
    const { refusalOf, isKey } = rulesOf({ writeKeys: [key] })
    expect(refusalOf({ origin: undefined, bearer: undefined })).toBeUndefined()
    expect(refusalOf({ origin: undefined, bearer: 'wrong' })).toBe('key_invalid')
    expect(refusalOf({ origin: shop, bearer: 'wrong' })).toBe('key_invalid')
    expect(refusalOf({ origin: undefined, bearer: key })).toBeUndefined()
    expect([key, other, undefined, ''].map(isKey)).toEqual([true, false, false, false])
  })

  it('refuses senders without an origin when only origins exist', () => {
    const { refusalOf } = rulesOf({ writeOrigins: [shop] })
    expect(refusalOf({ origin: undefined, bearer: undefined })).toBe('key_missing')
    expect(refusalOf({ origin: undefined, bearer: key })).toBe('key_invalid')
    expect(refusalOf({ origin: shop, bearer: 'of the host' })).toBeUndefined()
  })

  it('takes a required token in place of a key', () => {
    const { refusalOf } = rulesOf({ writeOrigins: [shop] }, true)
    expect(refusalOf({ origin: undefined, bearer: 'a valid token' })).toBeUndefined()
    expect(refusalOf({ origin: 'https://evil.example', bearer: 'a valid token' })).toBe(
      'origin_refused',
    )
  })

  it.each([
    [
      '{ "writeOrigins": "https://a.example" }',
      "sites[0].writeOrigins: 'https://a.example' is not",
    ],
    ['{ "writeOrigins": ["https://a.example", "*"] }', "sites[0].writeOrigins[1]: '*' is not an"],
    ['{ "writeOrigins": ["null"] }', "sites[0].writeOrigins[0]: 'null' is not an origin."],
    ['{ "writeOrigins": [] }', 'sites[0].writeOrigins: [] refuses every sender.'],
    ['{ "writeKeys": "x" }', 'sites[0].writeKeys: the value is not a list of keys.'],
    ['{ "writeKeys": [7] }', 'sites[0].writeKeys[0]: the value is not a key.'],
    ['{ "writeKeys": ["short"] }', 'sites[0].writeKeys[0]: the key has 5 bytes. Use at least 32'],
  ])('rejects %s and names the field', (json, message) => {
    const site = { id: 'shop', ...JSON.parse(json) }
    const create = (): unknown => createTestServer({ sites: [site] })
    expect(create).toThrow(TypeError)
    expect(create).toThrow(message)
  })

  it('rejects a key that no header can have, without repeating it', () => {
    const secret = `${'secret '.repeat(5)}ä`
    const sites = [{ id: 'shop', writeKeys: [secret] }]
    const create = (): unknown => createTestServer({ sites })
    expect(create).toThrow('sites[0].writeKeys[0]: the key has spaces')
    expect(create).not.toThrow('secret')
  })

  it('rejects keys beside required tokens', () => {
    const create = (): unknown => rulesOf({ writeKeys: [key] }, true)
    expect(create).toThrow("sites[0].writeKeys: access.tokens.scopes contains 'write'")
  })
})
