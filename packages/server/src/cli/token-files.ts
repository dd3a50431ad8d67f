import { readFileSync } from 'node:fs'
import { minSecretBytes } from '../guard/token-key.ts'
import { messageOf } from '../replay/failure.ts'
import type { CliContext } from './context.ts'

/** Where the secret is when no file is named. */
export const secretVariable = 'TIDEMARK_TOKEN_SECRET'

/** Where the one before it is, as long as its tokens are taken too. */
export const previousSecretVariable = 'TIDEMARK_TOKEN_SECRET_PREVIOUS'

/** What a file or the environment has, or what is wrong with it, without what is in it. */
export type Found<Name extends string, Value = string> =
  { readonly [name in Name]: Value } | { readonly failure: string }

/** The secret that tokens are signed with, from a file or else from the environment; `undefined` where neither is. */
export function readSecret(
  path: string | undefined,
  context: CliContext,
): Found<'secret'> | undefined {
  return path === undefined
    ? readVariable(secretVariable, context)
    : checkSecret(readText(path), path, context)
}

/**
 * The secrets whose tokens are taken, from files or else from the environment, first the one that new tokens are signed
 * with; `undefined` where there are none.
 */
export function readSecrets(
  paths: readonly string[] | undefined,
  context: CliContext,
): Found<'secret', readonly string[]> | undefined {
  const { env } = context
  if (
    !paths &&
    env?.[secretVariable] === undefined &&
    env?.[previousSecretVariable] !== undefined
  ) {
    // There would be nothing to sign a fresh token with.
    return { failure: `${previousSecretVariable} is set, and ${secretVariable} is not.` }
  }
  const found = paths
    ? paths.map(path => readSecret(path, context))
    : [secretVariable, previousSecretVariable].map(name => readVariable(name, context))
  const secret: string[] = []
  for (const each of found) {
    if (!each) continue
    if ('failure' in each) return each
    secret.push(each.secret)
  }
  return secret.length > 0 ? { secret } : undefined
}

function readVariable(name: string, context: CliContext): Found<'secret'> | undefined {
  const text = context.env?.[name]
  return text === undefined ? undefined : checkSecret({ text }, `the variable ${name}`, context)
}

/** White space around a secret is not part of it: editors end a file with a line break. */
function checkSecret(
  found: Found<'text'>,
  place: string,
  { command }: CliContext,
): Found<'secret'> {
  if ('failure' in found) return found
  const secret = found.text.trim()
  const bytes = Buffer.byteLength(secret)
  if (bytes >= minSecretBytes) return { secret }
  return {
    failure:
      `The secret in ${place} has ${bytes} bytes; it takes at least ${minSecretBytes}. ` +
      `Make one with \`${command} token --new-secret > token-secret\`.`,
  }
}

export function readText(path: string): Found<'text'> {
  try {
    return { text: readFileSync(path, 'utf8') }
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return {
      failure: `Cannot read ${path}: ${isMissing ? 'there is no such file' : messageOf(error)}.`,
    }
  }
}
