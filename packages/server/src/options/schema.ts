import { inspect } from 'node:util'
import { isObject } from '@tidemark/protocol'
import { type TObject, Type } from 'typebox'
import type { TidemarkOptions } from '../config.ts'
import type { AccessOptions } from '../guard/access.ts'
import { minSecretBytes, publicKeyAlgorithms } from '../guard/token-key.ts'
import type { StorageOptions } from '../log/storage.ts'
import { field } from './field.ts'
import type { Fields } from './fields-of.ts'
import * as groups from './groups.ts'
import { pages } from './page-fields.ts'
import { serverPublicRule } from './public-rule.ts'
import type { PrometheusConfig, ServeConfig, SiteConfig, TokenFileOptions } from './serve-config.ts'
import * as values from './values.ts'

const isSecret = true
const secret = `a secret of at least ${minSecretBytes} bytes`

const scopes = values.listOf(
  field(Type.Union([Type.Literal('read'), Type.Literal('write')]), { expected: 'read or write' }),
  "a list of 'read' and 'write' with at least one of them",
  { fallback: 'read' },
)

const algorithm = values.oneOf(publicKeyAlgorithms)

const secretField = field(
  Type.Optional(
    Type.Union([
      Type.String(),
      field(Type.Array(field(Type.String(), { expected: secret, isSecret }), { minItems: 1 }), {
        expected: 'a list with at least one secret',
      }),
    ]),
  ),
  { expected: secret, isSecret },
)

const tokens = field(
  Type.Optional(
    Type.Object({
      secret: secretField,
      publicKey: values.text('a public key as PEM or JWK', { isSecret }),
      algorithm,
      scopes,
    }),
  ),
  { expected: 'an object', problemOf: findKeyConflict },
)

const file = field(Type.String({ minLength: 1 }), { expected: 'the path of a file' })

const accessTokenFiles = Type.Object({
  secretFile: field(Type.Optional(Type.Union([file, Type.Array(file, { minItems: 1 })])), {
    expected: 'the path of a file, or a list of paths',
    isPath: true,
  }),
  publicKeyFile: values.text('the path of a file', { isPath: true }),
  algorithm,
  scopes,
} satisfies Fields<TokenFileOptions>)

const listOfPaths = 'a list of paths'
const writeKeyFiles = values.anyListOf(file, listOfPaths)
const tokenFiles = values.anyListOf(file, listOfPaths, { isPath: true })

const shared = {
  goals: groups.goals,
  pages: Type.Optional(pages),
  public: serverPublicRule,
  exclude: Type.Optional(groups.exclude),
  history: Type.Optional(groups.history),
  hostNames: groups.hostNames,
  proxy: Type.Optional(groups.proxy),
  countryFile: groups.countryFile,
  connections: Type.Optional(groups.connections),
  rates: Type.Optional(groups.rates),
  sockets: Type.Optional(groups.sockets),
  log: Type.Optional(groups.log),
}

const clock = field(Type.Optional(Type.Unknown()), {
  expected: 'a clock',
  problemOf: value => (isObject(value) ? undefined : `${inspect(value)} is not a clock.`),
})

/** Schema of the options of `createTidemark`. */
export const optionsSchema: TObject = Type.Object({
  sites: groups.sitesOf(groups.site),
  ...shared,
  prometheus: Type.Optional(Type.Object({ ...groups.prometheus })),
  storage: Type.Optional(
    Type.Object({
      dataDir: field(Type.String({ minLength: 1 }), {
        expected: 'a directory. Name one, or leave `storage` out to store in memory',
      }),
      ...groups.storage,
    } satisfies Fields<StorageOptions>),
  ),
  access: Type.Optional(Type.Object({ ...groups.access, tokens } satisfies Fields<AccessOptions>)),
  onError: values.functionField(),
  clock,
} satisfies Fields<TidemarkOptions>)

/** Schema of a configuration of the command `serve`: the fields that a file, the environment and flags may set. */
export const serveSchema: TObject = Type.Object({
  port: values.wholeNumber(0, 65_535, { fallback: 4711, variable: 'PORT' }),
  host: values.text('an address', { fallback: '127.0.0.1', variable: 'HOST' }),
  sites: groups.sitesOf({ ...groups.site, writeKeyFiles } satisfies Fields<SiteConfig>),
  ...shared,
  prometheus: Type.Optional(
    Type.Object({ ...groups.prometheus, tokenFiles } satisfies Fields<PrometheusConfig>),
  ),
  storage: Type.Optional(
    Type.Object({
      dataDir: values.text('a directory', { fallback: '.tidemark', isPath: true }),
      ...groups.storage,
    } satisfies Fields<StorageOptions>),
  ),
  access: Type.Optional(
    Type.Object({
      ...groups.access,
      tokens: Type.Optional(accessTokenFiles),
    } satisfies Fields<AccessOptions>),
  ),
  drainMs: values.milliseconds(10_000),
  drainDelayMs: values.count(0),
} satisfies Fields<ServeConfig>)

function findKeyConflict(value: unknown): string | undefined {
  if (!isObject(value) || value['secret'] === undefined) return undefined
  return value['publicKey'] === undefined
    ? undefined
    : '`secret` and `publicKey` exclude each other. Give one.'
}
