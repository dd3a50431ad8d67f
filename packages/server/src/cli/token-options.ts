import { type Command, Option } from 'commander'
import type { PublicKeyAlgorithm, Scope, TokenOptions } from '../index.ts'
import { publicKeyAlgorithms, toPublicKey } from '../guard/token-key.ts'
import { collect, parseScope } from './arguments.ts'
import { type CliContext, type ExitCode, exitCodes } from './context.ts'
import type { TokenFileOptions } from '../options/serve-config.ts'
import { previousSecretVariable, readSecrets, readText, secretVariable } from './token-files.ts'
import type { AccessRule } from './welcome.ts'

/** Options of `serve` for tokens. */
export interface TokenFlags {
  tokenSecretFile?: string[]
  tokenPublicKey?: string
  tokenAlgorithm?: PublicKeyAlgorithm
  tokenScope?: [Scope, ...Scope[]]
}

export function addTokenOptions(command: Command): Command {
  return command
    .option(
      '--token-secret-file <path>',
      `file with the secret that signs tokens; repeatable during a rotation; see also the variable ${secretVariable}`,
      collect(path => path),
    )
    .option(
      '--token-public-key <path>',
      'file with the public key (PEM or JWK) for tokens that another service signs',
    )
    .addOption(
      new Option('--token-algorithm <name>', 'signature algorithm of these tokens').choices(
        publicKeyAlgorithms,
      ),
    )
    .option(
      '--token-scope <scope>',
      'access that requires a token: read or write; repeatable (default: read)',
      collect(parseScope),
    )
}

/** Access rules from the command line and the environment. */
export interface TokenSetup {
  readonly readers: AccessRule
  readonly senders: AccessRule
  readonly tokens: TokenOptions | undefined
}

export interface TokenFailure {
  readonly failures: readonly string[]
  readonly code: ExitCode
}

/** Where the fields of tokens were given. */
export interface TokenSources {
  /** Returns the name of a field for messages, such as `--token-public-key`. */
  nameOf(path: string): string
  /** Whether the secret is in the environment. */
  usesSecretVariable: boolean
}

/** Reads the files of tokens, or returns an error. */
export function readTokenOptions(
  tokens: TokenFileOptions,
  { nameOf, usesSecretVariable }: TokenSources,
  context: CliContext,
): TokenSetup | TokenFailure {
  const { publicKeyFile: keyFile, algorithm, scopes: required } = tokens
  const secretFiles = tokens.secretFile === undefined ? undefined : [tokens.secretFile].flat()
  const conflict = conflictOf(tokens, nameOf)
  if (conflict !== undefined) return usageFailure(conflict)
  const result =
    keyFile !== undefined && algorithm !== undefined
      ? readPublicKey(keyFile, algorithm, nameOf('access.tokens.publicKeyFile'))
      : secretFiles || usesSecretVariable || context.env?.[previousSecretVariable] !== undefined
        ? readSecrets(secretFiles, nameOf('access.tokens.secretFile'), context)
        : undefined
  if (!result) {
    if (required)
      return usageFailure(
        `${nameOf('access.tokens.scopes')} has no effect without --token-secret-file or --token-public-key. Add one of them.`,
      )
    return { readers: 'anyone', senders: 'anyone', tokens: undefined }
  }
  if ('failures' in result) return { failures: result.failures, code: exitCodes.failed }
  const scopes: readonly [Scope, ...Scope[]] = required ?? ['read']
  const tokenRule: AccessRule = 'publicKey' in result ? 'key' : { secretFile: secretFiles?.[0] }
  const ruleOf = (scope: Scope): AccessRule => (scopes.includes(scope) ? tokenRule : 'anyone')
  return { readers: ruleOf('read'), senders: ruleOf('write'), tokens: { ...result, scopes } }
}

/** Returns an error message for fields that exclude or require each other. */
function conflictOf(
  { secretFile, publicKeyFile, algorithm }: TokenFileOptions,
  nameOf: (path: string) => string,
): string | undefined {
  const [secretName, keyName, algorithmName] = [
    nameOf('access.tokens.secretFile'),
    nameOf('access.tokens.publicKeyFile'),
    nameOf('access.tokens.algorithm'),
  ]
  if (secretFile !== undefined && publicKeyFile !== undefined) {
    return `${secretName} and ${keyName} exclude each other. Use one of them.`
  }
  if (publicKeyFile === undefined && algorithm !== undefined) {
    return `${algorithmName} has no effect without --token-public-key. Tokens of a secret always use HS256.`
  }
  if (publicKeyFile !== undefined && algorithm === undefined) {
    return `${keyName} requires --token-algorithm, for example --token-algorithm ES256.`
  }
  return undefined
}

function readPublicKey(
  path: string,
  algorithm: PublicKeyAlgorithm,
  option: string,
): { publicKey: string; algorithm: PublicKeyAlgorithm } | { failures: readonly string[] } {
  const result = readText(path, option)
  if ('failure' in result) return { failures: [result.failure] }
  try {
    toPublicKey(result.text, algorithm)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return { failures: [`${option}: ${path}: ${error.message}`] }
  }
  return { publicKey: result.text, algorithm }
}

function usageFailure(failure: string): TokenFailure {
  return { failures: [failure], code: exitCodes.usage }
}
