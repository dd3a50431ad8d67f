import { createWriteStream } from 'node:fs'
import { readdir, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createDirectory } from '../shared/create-directory.ts'
import { formatBytes } from './backup-text.ts'

/** A copy of an input that can be read once only. */
export interface SpooledInput {
  readonly path: string
  remove(): Promise<void>
}

/** The input does not fit. Nothing is left of its copy. */
export class InputTooLargeError extends Error {
  override name = 'InputTooLargeError'
}

export interface SpoolOptions {
  /** Ends the copy with an AbortError. */
  signal: AbortSignal
  /** Largest copy, in bytes. @default 16 GiB, and at most half of the free space of the disk */
  maxBytes?: number
}

const largestCopyBytes = 16 * 2 ** 30
const namePattern = /^import-[\w-]+\.spool$/
/** Age after which a copy is one that a killed import left. */
const maxAgeMs = 24 * 60 * 60 * 1000

/**
 * Copies an input to a file that only this user can read. Deletes what a killed import has left in the directory.
 * @param directory is created when it does not exist
 * @throws {InputTooLargeError} when the input is larger than the bound
 * @throws the error of the input, and of the file system
 */
export async function spoolInput(
  input: Readable,
  directory: string,
  { signal, maxBytes }: SpoolOptions,
): Promise<SpooledInput> {
  createDirectory(directory)
  await removeOldCopies(directory)
  const path = join(directory, `import-${crypto.randomUUID()}.spool`)
  const remove = (): Promise<void> => rm(path, { force: true })
  try {
    const limit = createLimit(maxBytes ?? (await freeBytes(directory)))
    await pipeline(input, limit, createWriteStream(path, { flags: 'wx', mode: 0o600 }), { signal })
    return { path, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return Math.min(largestCopyBytes, Math.floor((bavail * bsize) / 2))
}

function createLimit(maxBytes: number): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes <= maxBytes) done(null, chunk)
      else done(new InputTooLargeError(`it is larger than ${formatBytes(maxBytes)}.`))
    },
  })
}

async function removeOldCopies(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!namePattern.test(name)) continue
    const path = join(directory, name)
    const { mtimeMs } = await stat(path)
    if (Date.now() - mtimeMs > maxAgeMs) await rm(path, { force: true })
  }
}
