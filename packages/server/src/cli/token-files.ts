import { readFileSync } from 'node:fs'
import { findKeyProblem } from '../guard/write-rules.ts'
import { minSecretBytes } from '../guard/token-key.ts'
import { messageOf } from '../shared/error-message.ts'
import type { CliContext } from './context.ts'

/** Environment variable with the secret; a secret file has precedence. */
export const secretVariable = 'TIDEMARK_TOKEN_SECRET'

/** Environment variable with the previous secret. Its tokens stay valid during a rotation. */
export const previousSecretVariable = 'TIDEMARK_TOKEN_SECRET_PREVIOUS'

/** Value from a file or the environment, or an error message that does not contain the value. */
export type ReadResult<Name extends string, Value = string> =
  { readonly [name in Name]: Value } | { readonly failure: string }

/** Reads the secret of `token --secret-file`, or of the environment; `undefined` when neither has one. */
export function readSecret(
  path: string | undefined,
  context: CliContext,
): ReadResult<'secret'> | undefined {
  if (path === undefined) return readVariable(secretVariable, context)
  const remedy = 'Name the file of `serve --token-secret-file`.'
  return checkSecret(readText(path, '--secret-file', remedy), `--secret-file: ${path}`, context)
}

/** Secrets of a server, or all mistakes. */
export type ReadSecrets =
  { readonly secret: readonly [string, ...string[]] } | { readonly failures: readonly string[] }

/**
 * Reads the secrets of a server from files, or from the environment. The first one signs new tokens.
 * @param option name of the option with the paths, for messages
 * Returns `undefined` when there is none.
 */
export function readSecrets(
  paths: readonly string[] | undefined,
  option: string,
  context: CliContext,
): ReadSecrets | undefined {
  const { env } = context
  if (
    !paths &&
    env?.[secretVariable] === undefined &&
    env?.[previousSecretVariable] !== undefined
  ) {
    return failWith(`${previousSecretVariable} is set without ${secretVariable}. Set both.`)
  }
  const results = paths
    ? paths.map(path => readServerSecret(path, option, context))
    : [secretVariable, previousSecretVariable].map(name => readVariable(name, context))
  const secrets: string[] = []
  const failures: string[] = []
  for (const result of results) {
    if (!result) continue
    if ('failure' in result) failures.push(result.failure)
    else secrets.push(result.secret)
  }
  if (failures.length > 0) return { failures }
  const [first, ...others] = secrets
  return first === undefined ? undefined : { secret: [first, ...others] }
}

const failWith = (failure: string): ReadSecrets => ({ failures: [failure] })

function readServerSecret(path: string, option: string, context: CliContext): ReadResult<'secret'> {
  const remedy = `Create it with \`${context.command} token --new-secret > ${quote(path)}\`.`
  return checkSecret(readText(path, option, remedy), `${option}: ${path}`, context)
}

/** Quotes a path for a POSIX shell, if necessary. */
function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}

function readVariable(name: string, context: CliContext): ReadResult<'secret'> | undefined {
  const text = context.env?.[name]
  return text === undefined ? undefined : checkSecret({ text }, name, context)
}

/** Trims the secret, because editors end a file with a line break. */
function checkSecret(
  result: ReadResult<'text'>,
  source: string,
  { command }: CliContext,
): ReadResult<'secret'> {
  if ('failure' in result) return result
  const secret = result.text.trim()
  const bytes = Buffer.byteLength(secret)
  if (bytes >= minSecretBytes) return { secret }
  return {
    failure:
      `${source}: the secret has ${bytes} bytes; at least ${minSecretBytes} are required. ` +
      `Create one with \`${command} token --new-secret > token-secret\`.`,
  }
}

/** Keys from files, and the mistakes of the other files. */
export interface KeyFiles {
  readonly keys: readonly string[]
  readonly failures: readonly string[]
}

/**
 * Reads files with one key each, and checks the keys.
 * @param optionOf returns the name of a file's option for messages
 */
export function readKeyFiles(
  paths: readonly string[],
  optionOf: (index: number) => string,
  command: string,
): KeyFiles {
  const keys: string[] = []
  const failures: string[] = []
  for (const [index, path] of paths.entries()) {
    const option = optionOf(index)
    const remedy = `Create it with \`${command} token --new-secret > ${quote(path)}\`.`
    const result = readText(path, option, remedy)
    if ('failure' in result) {
      failures.push(result.failure)
      continue
    }
    // Editors end a file with a line break.
    const key = result.text.trim()
    const problem = findKeyProblem(key)
    if (problem === undefined) keys.push(key)
    else failures.push(`${option}: ${path}: ${problem}`)
  }
  return { keys, failures }
}

/**
 * Reads the file of an option.
 * @param remedy sentence that follows the error for a missing file
 */
export function readText(path: string, option: string, remedy?: string): ReadResult<'text'> {
  try {
    return { text: readFileSync(path, 'utf8') }
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const reason = isMissing ? 'the file does not exist' : messageOf(error)
    const hint = isMissing && remedy !== undefined ? ` ${remedy}` : ''
    return { failure: `${option}: Cannot read ${path}: ${reason}.${hint}` }
  }
}
