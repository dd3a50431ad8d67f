import { type Command, Option } from 'commander'
import type { PublicKeyAlgorithm, Scope, TokenOptions } from '../index.ts'
import { publicKeyAlgorithms, toPublicKey } from '../guard/token-key.ts'
import { collect, parseScope } from './arguments.ts'
import { type CliContext, type ExitCode, exitCodes } from './context.ts'
import { readSecrets, readText, secretVariable } from './token-files.ts'
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

interface TokenFailure {
  readonly failure: string
  readonly code: ExitCode
}

/** Reads the token options of the server, or returns an error. */
export function readTokenOptions(
  flags: TokenFlags,
  context: CliContext,
): TokenSetup | TokenFailure {
  const {
    tokenSecretFile: secretFiles,
    tokenPublicKey: keyFile,
    tokenAlgorithm,
    tokenScope,
  } = flags
  const conflict = conflictOf(flags)
  if (conflict !== undefined) return usageFailure(conflict)
  const result =
    keyFile !== undefined && tokenAlgorithm !== undefined
      ? readPublicKey(keyFile, tokenAlgorithm)
      : readSecrets(secretFiles, context)
  if (!result) {
    if (tokenScope)
      return usageFailure(
        '--token-scope has no effect without --token-secret-file or --token-public-key. Add one of them.',
      )
    return { readers: 'anyone', senders: 'anyone', tokens: undefined }
  }
  if ('failure' in result) return { failure: result.failure, code: exitCodes.failed }
  const scopes: readonly [Scope, ...Scope[]] = tokenScope ?? ['read']
  const tokenRule: AccessRule = 'publicKey' in result ? 'key' : { secretFile: secretFiles?.[0] }
  const ruleOf = (scope: Scope): AccessRule => (scopes.includes(scope) ? tokenRule : 'anyone')
  return { readers: ruleOf('read'), senders: ruleOf('write'), tokens: { ...result, scopes } }
}

/** Returns an error message for options that exclude or require each other. */
function conflictOf(flags: TokenFlags): string | undefined {
  const { tokenSecretFile: secretFiles, tokenPublicKey: keyFile, tokenAlgorithm } = flags
  if (secretFiles && keyFile !== undefined) {
    return '--token-secret-file and --token-public-key exclude each other. Use one of them.'
  }
  if (keyFile === undefined && tokenAlgorithm !== undefined) {
    return '--token-algorithm has no effect without --token-public-key. Tokens of a secret always use HS256.'
  }
  if (keyFile !== undefined && tokenAlgorithm === undefined) {
    return '--token-public-key requires --token-algorithm, for example --token-algorithm ES256.'
  }
  return undefined
}

function readPublicKey(
  path: string,
  algorithm: PublicKeyAlgorithm,
): { publicKey: string; algorithm: PublicKeyAlgorithm } | { failure: string } {
  const result = readText(path, '--token-public-key')
  if ('failure' in result) return result
  try {
    toPublicKey(result.text, algorithm)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return { failure: `${path}: ${error.message}` }
  }
  return { publicKey: result.text, algorithm }
}

function usageFailure(failure: string): TokenFailure {
  return { failure, code: exitCodes.usage }
}
