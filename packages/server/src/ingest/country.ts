import { isObject } from '@tidemark/protocol'
import { BlockList, isIP } from 'node:net'
import { type CountryFile, CountryFileError, openCountryFile } from './country-file.ts'

/** Returns the country of a visitor as an ISO 3166-1 code: from the header of a trusted CDN, or by IP address. */
export type CountryOf = (header: string | undefined, address: string) => string | undefined

export interface CountryOptions {
  /** Path of a MaxMind DB file. @default none: only the header is used */
  file?: string
  /** Receives an error once, when a lookup finds that the file is damaged. */
  onError?: (error: unknown) => void
}

/** @throws {CountryFileError} when the file cannot be used */
export function createCountryOf({ file, onError }: CountryOptions): CountryOf {
  const lookUp = file === undefined ? () => undefined : createLookup(file, onError)
  return (header, address) => (header && toCountry(header)) || lookUp(address)
}

/** Returns a valid country code. CDNs send `XX` or `ZZ` for unknown, and `T1` for Tor. */
function toCountry(text: string): string | undefined {
  // Checked before upper-casing, because some letters outside ASCII have ASCII upper-case forms.
  const code = /^\s*([A-Za-z]{2})\s*$/.exec(text)?.[1]?.toUpperCase()
  return code === 'XX' || code === 'ZZ' ? undefined : code
}

function createLookup(
  path: string,
  onError: CountryOptions['onError'],
): (address: string) => string | undefined {
  const file = openCountryFile(path)
  checkCountries(file, path)
  let hasReported = false
  return text => {
    const address = toIPv4(text)
    const version = isIP(address)
    if (version === 0 || (version === 6 && !file.hasIPv6) || isPrivate(address, version)) {
      return undefined
    }
    try {
      return countryOf(file.read(address))
    } catch (error) {
      // A damaged record does not make an event invalid.
      if (!hasReported) onError?.(error)
      hasReported = true
      return undefined
    }
  }
}

/** Returns the country of a record in the formats of MaxMind and DB-IP, ip-location-db, and IPinfo. */
function countryOf(record: unknown): string | undefined {
  if (!isObject(record)) return undefined
  const { country, country_code: code } = record
  const text = isObject(country) ? country['iso_code'] : (code ?? country)
  return typeof text === 'string' ? toCountry(text) : undefined
}

/**
 * Checks that the file has countries, by one address of each /8 network.
 * @throws {CountryFileError} when the file has records, but none with a country
 */
function checkCountries(file: CountryFile, path: string): void {
  const records = Array.from({ length: 223 }, (_, i) => file.read(`${i + 1}.0.0.1`)).filter(
    record => record !== null,
  )
  if (records.length === 0 || records.some(record => countryOf(record) !== undefined)) return
  throw new CountryFileError(
    `The country file ${path} has no countries: its type is ${JSON.stringify(file.type)}. ` +
      'Use a country or city database.',
  )
}

/** Addresses without a location: unspecified, loopback, link-local and private. */
const privateRanges = new BlockList()
for (const [network, length] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateRanges.addSubnet(network, length, 'ipv4')
}
for (const [network, length] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  privateRanges.addSubnet(network, length, 'ipv6')
}

function isPrivate(address: string, version: number): boolean {
  return privateRanges.check(address, version === 6 ? 'ipv6' : 'ipv4')
}

const mappedIPv4 = /^[0:]+:ffff:(?:([\da-f]{1,4}):([\da-f]{1,4})|(\d+\.\d+\.\d+\.\d+))$/i

/** Converts an IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2) to IPv4. Returns any other text unchanged. */
function toIPv4(address: string): string {
  const match = mappedIPv4.exec(address)
  if (!match || isIP(address) !== 6) return address
  const [, high = '', low = '', dotted] = match
  if (dotted !== undefined) return dotted
  const bytes = [high, low].map(group => Number.parseInt(group, 16))
  return bytes.flatMap(pair => [pair >> 8, pair & 0xff]).join('.')
}
