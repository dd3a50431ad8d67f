import { type Command, Option } from 'commander'
import type { PublicKeyAlgorithm, TokenOptions } from '../index.ts'
import { publicKeyAlgorithms, toPublicKey } from '../guard/token-key.ts'
import { type CliContext, type ExitCode, exitCodes } from './context.ts'
import { readSecret, readText, secretVariable } from './token-files.ts'
import type { Readers } from './welcome.ts'

/** The options of `serve` by which reading takes a token. */
export interface TokenFlags {
  tokenSecretFile?: string
  tokenPublicKey?: string
  tokenAlgorithm?: PublicKeyAlgorithm
}

export function addTokenOptions(command: Command): Command {
  return command
    .option(
      '--token-secret-file <path>',
      `file with the secret that tokens for reading are signed with; see also ${secretVariable}`,
    )
    .option(
      '--token-public-key <path>',
      'file with a PEM or JWK, where somebody else signs the tokens',
    )
    .addOption(
      new Option('--token-algorithm <name>', 'how they are signed').choices(publicKeyAlgorithms),
    )
}

export interface Reading {
  readonly readers: Readers
  readonly tokens: TokenOptions | undefined
}

interface Refusal {
  readonly failure: string
  readonly code: ExitCode
}

/** Who may read, as the command line and the environment say it, or what is wrong with that. */
export function readTokenOptions(flags: TokenFlags, context: CliContext): Reading | Refusal {
  const { tokenSecretFile: secretFile, tokenPublicKey: keyFile, tokenAlgorithm: algorithm } = flags
  if (secretFile !== undefined && keyFile !== undefined) {
    return misread(
      'Tokens have a secret or a public key: take --token-secret-file or --token-public-key.',
    )
  }
  if (keyFile === undefined && algorithm !== undefined) {
    return misread('--token-algorithm goes with --token-public-key; with a secret it is HS256.')
  }
  if (keyFile !== undefined) {
    if (algorithm !== undefined) return readPublicKey(keyFile, algorithm)
    return misread('Say with --token-algorithm how the tokens of --token-public-key are signed.')
  }
  const found = readSecret(secretFile, context)
  if (!found) return { readers: 'anyone', tokens: undefined }
  if ('failure' in found) return { failure: found.failure, code: exitCodes.failed }
  return { readers: { secretFile }, tokens: found }
}

function readPublicKey(path: string, algorithm: PublicKeyAlgorithm): Reading | Refusal {
  const found = readText(path)
  if ('failure' in found) return { failure: found.failure, code: exitCodes.failed }
  try {
    toPublicKey(found.text, algorithm)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const failure = `${error.message} It is read from ${path}.`
    return { failure, code: exitCodes.failed }
  }
  return { readers: 'key', tokens: { publicKey: found.text, algorithm } }
}

function misread(failure: string): Refusal {
  return { failure, code: exitCodes.usage }
}
