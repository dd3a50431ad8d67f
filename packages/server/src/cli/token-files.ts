import { readFileSync } from 'node:fs'
import { minSecretBytes } from '../guard/token-key.ts'
import { messageOf } from '../replay/failure.ts'
import type { CliContext } from './context.ts'

/** Where the secret is when no file is named. */
export const secretVariable = 'TIDEMARK_TOKEN_SECRET'

/** What a file or the environment has, or what is wrong with it, without what is in it. */
export type Found<Name extends string> =
  { readonly [name in Name]: string } | { readonly failure: string }

/**
 * The secret that tokens are signed with, from a file or else from the environment; `undefined` where neither is.
 * White space around it is not part of it: editors end a file with a line break.
 */
export function readSecret(
  path: string | undefined,
  { env, command }: CliContext,
): Found<'secret'> | undefined {
  const variable = env?.[secretVariable]
  if (path === undefined && variable === undefined) return undefined
  const place = path ?? `the variable ${secretVariable}`
  const found: Found<'text'> = path === undefined ? { text: variable ?? '' } : readText(path)
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
