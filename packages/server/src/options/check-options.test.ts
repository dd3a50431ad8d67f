import { describe, expect, expectTypeOf, it } from 'vitest'
import type { TidemarkOptions } from '../config.ts'
import { checkOptions } from './check-options.ts'
import type { TokenOptions } from '../guard/tokens.ts'

describe('Options', () => {
  it('accept every group, and no group at all', () => {
    const options: TidemarkOptions = {
      sites: ['shop'],
      goals: [{ name: 'Bought', event: 'purchase' }],
      storage: { dataDir: './data', durability: 'fsync', checkpointMs: 1000 },
      history: { timeZone: 'Europe/Berlin', retentionMs: { day: Infinity }, sessionGapMs: 60_000 },
      access: { tokens: { secret: 'a secret' }, allowedOrigins: ['https://dash.example'] },
      proxy: { trusted: ['10.0.0.0/8'], countryHeader: 'CF-IPCountry' },
      countryFile: 'countries.mmdb',
      connections: { heartbeatMs: 1000, maxPerSite: 10 },
    }
    expect(() => checkOptions(options)).not.toThrow()
    expect(() => checkOptions({})).not.toThrow()
    expect(() => checkOptions(fromJavaScript('{ "storage": null }'))).toThrow('null')
  })

  it.each([
    [
      '{ "dataDir": "./data" }',
      'dataDir: unknown option. Known are sites, goals, pages, public, exclude, ',
    ],
    ['{ "access": { "token": {} } }', "access.token: unknown option. Did you mean 'tokens'?"],
    [
      '{ "connections": { "heartbeat": 1 } }',
      "connections.heartbeat: unknown option. Did you mean 'heartbeatMs'?",
    ],
    ['{ "storage": "./data" }', "storage: './data' is not an object."],
    ['{ "proxy": ["10.0.0.1"] }', "proxy: [ '10.0.0.1' ] is not an object."],
    ['{ "storage": { "durability": "fsync" } }', 'storage.dataDir: undefined is not a directory.'],
    ['{ "storage": { "dataDir": "" } }', "storage.dataDir: '' is not a directory."],
    ['{ "access": { "tokens": { "secrets": "x" } } }', 'access.tokens.secrets: unknown option. '],
    [
      '{ "access": { "tokens": { "secret": "x", "publicKey": "y" } } }',
      'access.tokens: `secret` and `publicKey` exclude each other.',
    ],
    ['{ "sites": ["a b", 5], "goal": [] }', "sites[0]: 'a b' is not a site ID. "],
    ['{ "sites": ["a b", 5], "goal": [] }', 'sites[1]: 5 is not a site ID. '],
    ['{ "sites": ["a b", 5], "goal": [] }', "goal: unknown option. Did you mean 'goals'?"],
    ['{ "history": { "sessionGapMs": "30m" } }', 'above 0. Write 1800000 for 30m.'],
    [
      '{ "connections": { "maxPerSite": "10" } }',
      "connections.maxPerSite: '10' is a string. Write 10 without quotes.",
    ],
    [
      '{ "connections": { "heartbeatMs": "007" } }',
      "connections.heartbeatMs: '007' is not a number of milliseconds above 0.",
    ],
    [
      '{ "public": { "minCount": "-1" } }',
      "public.minCount: '-1' is not a whole number from 0 to ",
    ],
    ['{ "history": { "timeZone": "Mars/Base" } }', "'Mars/Base' is not an IANA time zone; for "],
    ['{ "access": { "tokens": { "secret": 7 } } }', 'access.tokens.secret: the value is not a '],
    ['"./data"', "options: './data' is not an object."],
  ])('reject %s and name the mistake', (json, message) => {
    expect(() => checkOptions(fromJavaScript(json))).toThrow(TypeError)
    expect(() => checkOptions(fromJavaScript(json))).toThrow(message)
  })

  it('do not compile when they cannot work together', () => {
    expectTypeOf<{ durability: 'fsync' }>().not.toExtend<TidemarkOptions['storage']>()
    expectTypeOf<{ checkpointMs: 1000 }>().not.toExtend<TidemarkOptions['storage']>()
    expectTypeOf<{ secret: string }>().toExtend<TokenOptions>()
    expectTypeOf<{ publicKey: string; algorithm: 'ES256' }>().toExtend<TokenOptions>()
    expectTypeOf<{ publicKey: string }>().not.toExtend<TokenOptions>()
    expectTypeOf<{ secret: string; algorithm: 'ES256' }>().not.toExtend<TokenOptions>()
    expectTypeOf<{ secret: string; publicKey: string }>().not.toExtend<TokenOptions>()
    expectTypeOf<{ scopes: ['read'] }>().not.toExtend<TokenOptions>()
    expectTypeOf<{ secret: [string, string]; scopes: ['read'] }>().toExtend<TokenOptions>()
    expectTypeOf<{ secret: [] }>().not.toExtend<TokenOptions>()
    expectTypeOf<{ secret: string; scopes: [] }>().not.toExtend<TokenOptions>()
    expectTypeOf<[{ name: 'Bought' }]>().not.toExtend<TidemarkOptions['goals']>()
  })
})

/** Options of a caller without types. */
function fromJavaScript(json: string): TidemarkOptions {
  return JSON.parse(json)
}
