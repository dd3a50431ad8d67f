import { type Command, Option } from 'commander'
import type { PublicKeyAlgorithm, Scope, TokenOptions } from '../index.ts'
import { publicKeyAlgorithms, toPublicKey } from '../guard/token-key.ts'
import { collect, parseScope } from './arguments.ts'
import { type CliContext, type ExitCode, exitCodes } from './context.ts'
import { readSecrets, readText, secretVariable } from './token-files.ts'
import type { AccessRule } from './welcome.ts'

/** The options of `serve` by which reading or sending takes a token. */
export interface TokenFlags {
  tokenSecretFile?: string[]
  tokenPublicKey?: string
  tokenAlgorithm?: PublicKeyAlgorithm
  tokenScope?: Scope[]
}

export function addTokenOptions(command: Command): Command {
  return command
    .option(
      '--token-secret-file <path>',
      `file with the secret that tokens are signed with; repeatable while it is replaced; see also ${secretVariable}`,
      collect(path => path),
    )
    .option(
      '--token-public-key <path>',
      'file with a PEM or JWK, where somebody else signs the tokens',
    )
    .addOption(
      new Option('--token-algorithm <name>', 'how they are signed').choices(publicKeyAlgorithms),
    )
    .option(
      '--token-scope <scope>',
      'what takes a token: read or write; repeatable (default: read)',
      collect(parseScope),
    )
}

/** Who may, as the command line and the environment say it. */
export interface TokenSetup {
  readonly readers: AccessRule
  readonly senders: AccessRule
  readonly tokens: TokenOptions | undefined
}

interface Refusal {
  readonly failure: string
  readonly code: ExitCode
}

/** What the server is told of tokens, or what is wrong with that. */
export function readTokenOptions(flags: TokenFlags, context: CliContext): TokenSetup | Refusal {
  const {
    tokenSecretFile: secretFiles,
    tokenPublicKey: keyFile,
    tokenAlgorithm,
    tokenScope,
  } = flags
  const misfit = misfitOf(flags)
  if (misfit !== undefined) return misread(misfit)
  const found =
    keyFile !== undefined && tokenAlgorithm !== undefined
      ? readPublicKey(keyFile, tokenAlgorithm)
      : readSecrets(secretFiles, context)
  if (!found) {
    if (tokenScope)
      return misread('--token-scope goes with --token-secret-file or --token-public-key.')
    return { readers: 'anyone', senders: 'anyone', tokens: undefined }
  }
  if ('failure' in found) return { failure: found.failure, code: exitCodes.failed }
  const scopes = tokenScope ?? ['read']
  const holder: AccessRule = 'publicKey' in found ? 'key' : { secretFile: secretFiles?.[0] }
  const whoOf = (scope: Scope): AccessRule => (scopes.includes(scope) ? holder : 'anyone')
  return { readers: whoOf('read'), senders: whoOf('write'), tokens: { ...found, scopes } }
}

/** Which options do not go together. */
function misfitOf(flags: TokenFlags): string | undefined {
  const { tokenSecretFile: secretFiles, tokenPublicKey: keyFile, tokenAlgorithm } = flags
  if (secretFiles && keyFile !== undefined) {
    return 'Tokens have a secret or a public key: take --token-secret-file or --token-public-key.'
  }
  if (keyFile === undefined && tokenAlgorithm !== undefined) {
    return '--token-algorithm goes with --token-public-key; with a secret it is HS256.'
  }
  if (keyFile !== undefined && tokenAlgorithm === undefined) {
    return 'Say with --token-algorithm how the tokens of --token-public-key are signed.'
  }
  return undefined
}

function readPublicKey(
  path: string,
  algorithm: PublicKeyAlgorithm,
): { publicKey: string; algorithm: PublicKeyAlgorithm } | { failure: string } {
  const found = readText(path)
  if ('failure' in found) return found
  try {
    toPublicKey(found.text, algorithm)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return { failure: `${error.message} It is read from ${path}.` }
  }
  return { publicKey: found.text, algorithm }
}

function misread(failure: string): Refusal {
  return { failure, code: exitCodes.usage }
}
