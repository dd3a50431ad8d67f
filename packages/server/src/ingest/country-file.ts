import { LRUCache } from 'lru-cache'
import { Reader, type Response } from 'mmdb-lib'
import { readFileSync } from 'node:fs'

/** A file that was given for countries cannot be used as one. The message says why and what to do. */
export class CountryFileError extends Error {
  override name = 'CountryFileError'
}

export interface CountryFile {
  /** Whether it has addresses of IPv6 too. */
  readonly hasIPv6: boolean
  /**
   * What it says of an address, which has to be one.
   * @throws {CountryFileError} where the file is damaged
   */
  read(address: string): unknown
  /** What it says it is, such as `GeoLite2-Country`. */
  readonly type: string
}

/** What begins the last part of a file, where it says what it is. */
const marker = Buffer.from('\u00ab\u00cd\u00efMaxMind.com', 'latin1')

/** Between the tree and the data. */
const separatorBytes = 16

/**
 * Records that are remembered as they were read. A file of countries has some hundreds, and reading one
 * with its names in all languages takes longer than finding it. Addresses are not remembered.
 */
const maxKnownRecords = 5000

/**
 * Opens a file in the format of MaxMind (maxmind.github.io/MaxMind-DB). It is read as a whole.
 * @throws {CountryFileError} when there is none, or it is not one
 */
export function openCountryFile(path: string): CountryFile {
  const bytes = readBytes(path)
  const damaged = (cause?: unknown): CountryFileError =>
    new CountryFileError(
      `The country file ${path} is not in the format of MaxMind, or is damaged. Get it again from where it came from.`,
      { cause },
    )
  // What gzip begins with: providers send their files packed.
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw new CountryFileError(
      `The country file ${path} is packed. Unpack it, and give the path of the .mmdb file in it.`,
    )
  }
  const end = bytes.lastIndexOf(marker)
  if (end < 0) throw damaged()
  const reader = guard(() => openReader(bytes), damaged)
  const { nodeCount, searchTreeSize, ipVersion, databaseType } = reader.metadata
  const isWhole = nodeCount > 0 && searchTreeSize + separatorBytes <= end
  if (!isWhole || !bytes.subarray(searchTreeSize, searchTreeSize + separatorBytes).every(isZero)) {
    throw damaged()
  }
  return {
    hasIPv6: ipVersion === 6,
    type: databaseType,
    read: address => guard(() => reader.get(address), damaged),
  }
}

function openReader(bytes: Buffer): Reader<Response> {
  return new Reader<Response>(bytes, {
    cache: new LRUCache<string | number, object>({ max: maxKnownRecords }),
  })
}

const isZero = (byte: number): boolean => byte === 0

function guard<Result>(run: () => Result, toError: (cause: unknown) => CountryFileError): Result {
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
        ? `There is no country file ${path}. Give the path of a file that ends in .mmdb, such as GeoLite2-Country.mmdb of MaxMind or the country file of DB-IP.`
        : `The country file ${path} cannot be read: ${code}. Give the path of a file that this user may read.`,
      { cause: error },
    )
  }
}
