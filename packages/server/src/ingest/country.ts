import { isObject } from '@tidemark/protocol'
import { BlockList, isIP } from 'node:net'
import { type CountryFile, CountryFileError, openCountryFile } from './country-file.ts'

/**
 * Finds the country of a visitor as two letters of ISO 3166-1: from what a trusted CDN says in a header,
 * or by the address.
 */
export type CountryOf = (header: string | undefined, address: string) => string | undefined

export interface CountryOptions {
  /** Path of a file in the format of MaxMind. @default none: addresses say nothing */
  file?: string
  /** Told once when the file turns out to be damaged while it is in use. */
  onError?: (error: unknown) => void
}

/** @throws {CountryFileError} when the file cannot be used */
export function createCountryOf({ file, onError }: CountryOptions): CountryOf {
  const lookUp = file === undefined ? () => undefined : createLookup(file, onError)
  return (header, address) => (header && toCountry(header)) || lookUp(address)
}

/** CDNs say `XX` or `ZZ` for unknown, and `T1` for Tor. */
function toCountry(text: string): string | undefined {
  // Checked as it came, as there are letters elsewhere that become these in upper case.
  const code = /^\s*([A-Za-z]{2})\s*$/.exec(text)?.[1]?.toUpperCase()
  return code === 'XX' || code === 'ZZ' ? undefined : code
}

function createLookup(
  path: string,
  onError: CountryOptions['onError'],
): (address: string) => string | undefined {
  const file = openCountryFile(path)
  checkCountries(file, path)
  let isKnownDamaged = false
  return text => {
    const address = unmapped(text)
    const version = isIP(address)
    if (version === 0 || (version === 6 && !file.hasIPv6) || isPrivate(address, version)) {
      return undefined
    }
    try {
      return countryIn(file.read(address))
    } catch (error) {
      // One bad record is no reason to refuse an event.
      if (!isKnownDamaged) onError?.(error)
      isKnownDamaged = true
      return undefined
    }
  }
}

/** By the forms that are in use: MaxMind and DB-IP, ip-location-db, IPinfo. */
function countryIn(record: unknown): string | undefined {
  if (!isObject(record)) return undefined
  const { country, country_code: code } = record
  const text = isObject(country) ? country['iso_code'] : (code ?? country)
  return typeof text === 'string' ? toCountry(text) : undefined
}

/** Looks at one address of each /8: a file that has records for them and no country is the wrong one. */
function checkCountries(file: CountryFile, path: string): void {
  const records = Array.from({ length: 223 }, (_, i) => file.read(`${i + 1}.0.0.1`)).filter(
    record => record !== null,
  )
  if (records.length === 0 || records.some(record => countryIn(record) !== undefined)) return
  throw new CountryFileError(
    `The country file ${path} has no countries: it is of the type ${JSON.stringify(file.type)}. ` +
      'Give a file of countries or cities.',
  )
}

/** Addresses that are nowhere: unspecified, loopback, link-local, and of private networks. */
const nowhere = new BlockList()
for (const [network, length] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  nowhere.addSubnet(network, length, 'ipv4')
}
for (const [network, length] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  nowhere.addSubnet(network, length, 'ipv6')
}

function isPrivate(address: string, version: number): boolean {
  return nowhere.check(address, version === 6 ? 'ipv6' : 'ipv4')
}

const mapped = /^[0:]+:ffff:(?:([\da-f]{1,4}):([\da-f]{1,4})|(\d+\.\d+\.\d+\.\d+))$/i

/** An IPv4 address that is written as one of IPv6 (RFC 4291, 2.5.5.2), as that of IPv4. */
function unmapped(address: string): string {
  const match = mapped.exec(address)
  if (!match || isIP(address) !== 6) return address
  const [, high = '', low = '', dotted] = match
  if (dotted !== undefined) return dotted
  const bytes = [high, low].map(group => Number.parseInt(group, 16))
  return bytes.flatMap(pair => [pair >> 8, pair & 0xff]).join('.')
}
