import { LRUCache } from 'lru-cache'
import { Reader, type Response } from 'mmdb-lib'
import { readFileSync } from 'node:fs'

/** The country file cannot be used. The message names the reason and the remedy. */
export class CountryFileError extends Error {
  override name = 'CountryFileError'
}

export interface CountryFile {
  /** Whether the file has IPv6 addresses as well. */
  readonly hasIPv6: boolean
  /**
   * Returns the record of a valid IP address.
   * @throws {CountryFileError} when the file is damaged
   */
  read(address: string): unknown
  /** The file's database type, such as `GeoLite2-Country`. */
  readonly type: string
}

/** Start of the file's metadata section. */
const metadataMarker = Buffer.from('\u00ab\u00cd\u00efMaxMind.com', 'latin1')

/** Zero bytes between search tree and data section. */
const separatorBytes = 16

/**
 * Decoded records in the cache. A country file has some hundreds, and decoding one with its names in all languages
 * takes longer than finding it. Addresses are not cached.
 */
const maxCachedRecords = 5000

/**
 * Opens a MaxMind DB file (https://maxmind.github.io/MaxMind-DB) and reads it into memory.
 * @throws {CountryFileError} when the file is missing, unreadable or invalid
 */
export function openCountryFile(path: string): CountryFile {
  const bytes = readBytes(path)
  const damaged = (cause?: unknown): CountryFileError =>
    new CountryFileError(
      `The country file ${path} is not a MaxMind DB file, or is damaged. Download it again.`,
      { cause },
    )
  // Magic number of gzip: providers compress their files.
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw new CountryFileError(
      `The country file ${path} is compressed. Decompress it, and give the path of the .mmdb file in it.`,
    )
  }
  const end = bytes.lastIndexOf(metadataMarker)
  if (end < 0) throw damaged()
  const reader = wrapErrors(() => openReader(bytes), damaged)
  const { nodeCount, searchTreeSize, ipVersion, databaseType } = reader.metadata
  const isComplete = nodeCount > 0 && searchTreeSize + separatorBytes <= end
  if (
    !isComplete ||
    !bytes.subarray(searchTreeSize, searchTreeSize + separatorBytes).every(isZero)
  ) {
    throw damaged()
  }
  return {
    hasIPv6: ipVersion === 6,
    type: databaseType,
    read: address => wrapErrors(() => reader.get(address), damaged),
  }
}

function openReader(bytes: Buffer): Reader<Response> {
  return new Reader<Response>(bytes, {
    cache: new LRUCache<string | number, object>({ max: maxCachedRecords }),
  })
}

const isZero = (byte: number): boolean => byte === 0

function wrapErrors<Result>(
  run: () => Result,
  toError: (cause: unknown) => CountryFileError,
): Result {
  try {
    return run()
  } catch (error) {
    throw toError(error)
  }
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new CountryFileError(
      code === 'ENOENT'
        ? `The country file ${path} does not exist. Give the path of an .mmdb file, such as GeoLite2-Country.mmdb of MaxMind or the country file of DB-IP.`
        : `The country file ${path} cannot be read: ${code}. Give the path of a file that the user of this process can read.`,
      { cause: error },
    )
  }
}
