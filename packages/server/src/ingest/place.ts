import { isObject } from '@tidemark/protocol'
import { BlockList, isIP } from 'node:net'
import { type CountryFile, CountryFileError, openCountryFile } from './country-file.ts'
import { toCleanText } from './text.ts'

/** Where a visitor is. */
export interface Place {
  /** ISO 3166-1 code. */
  country: string | undefined
  /** Region and country, such as `Bavaria, DE`. `undefined` without a file of regions; `(unknown)` in other cases. */
  region: string | undefined
  /** City, region and country, such as `Munich, Bavaria, DE`. `undefined` and `(unknown)` as for a region. */
  city: string | undefined
}

/**
 * Returns the place of a visitor by IP address. The header of a trusted CDN has precedence for the country; region and
 * city are then known only if the file has the same country.
 */
export type PlaceOf = (header: string | undefined, address: string) => Readonly<Place>

export interface PlaceOptions {
  /** Path of a MaxMind DB file. @default none: only the header is used */
  file?: string
  /** Receives an error once, when a lookup finds that the file is damaged. */
  onError?: (error: unknown) => void
}

/** An unknown place. */
export const nowhere: Readonly<Place> = { country: undefined, region: undefined, city: undefined }

/** @throws {CountryFileError} when the file cannot be used */
export function createPlaceOf({ file, onError }: PlaceOptions): PlaceOf {
  const { lookUp, unknown } =
    file === undefined ? { lookUp: () => undefined, unknown: nowhere } : createLookup(file, onError)
  return (header, address) => {
    const country = header === undefined ? undefined : toCountry(header)
    const place = lookUp(address) ?? unknown
    return country === undefined || country === place.country ? place : { ...unknown, country }
  }
}

/** Returns a valid country code. CDNs send `XX` or `ZZ` for unknown, and `T1` for Tor. */
function toCountry(text: string): string | undefined {
  // Checked before upper-casing, because some letters outside ASCII have ASCII upper-case forms.
  const code = /^\s*([A-Za-z]{2})\s*$/.exec(text)?.[1]?.toUpperCase()
  return code === 'XX' || code === 'ZZ' ? undefined : code
}

function createLookup(
  path: string,
  onError: PlaceOptions['onError'],
): { lookUp: (address: string) => Readonly<Place> | undefined; unknown: Readonly<Place> } {
  const file = openCountryFile(path)
  const unknown = unknownIn(checkCountries(file, path), file.type)
  // The file returns one object for each record, so a place is formatted once.
  const places = new WeakMap<object, Readonly<Place>>()

  function placeOf(record: unknown): Readonly<Place> {
    if (!isObject(record)) return unknown
    const known = places.get(record) ?? toPlace(record, unknown)
    places.set(record, known)
    return known
  }

  let hasReported = false
  const lookUp = (text: string): Readonly<Place> | undefined => {
    const address = toIPv4(text)
    const version = isIP(address)
    if (version === 0 || (version === 6 && !file.hasIPv6) || isPrivate(address, version)) {
      return undefined
    }
    try {
      return placeOf(file.read(address))
    } catch (error) {
      // A damaged record does not make an event invalid.
      if (!hasReported) onError?.(error)
      hasReported = true
      return undefined
    }
  }
  return { lookUp, unknown }
}

/** Returns the country of a record in the formats of MaxMind and DB-IP, ip-location-db, and IPinfo. */
function countryOf(record: unknown): string | undefined {
  if (!isObject(record)) return undefined
  const { country, country_code: code } = record
  const text = isObject(country) ? country['iso_code'] : (code ?? country)
  return typeof text === 'string' ? toCountry(text) : undefined
}

/** Returns the place of an address that is not in the file: known are only the parts that the file has. */
function unknownIn(records: readonly unknown[], type: string): Readonly<Place> {
  const has = (part: 'region' | 'city'): boolean =>
    /city|location/i.test(type) ||
    records.some(record => isObject(record) && namesIn(record)[part] !== undefined)
  return {
    country: undefined,
    region: has('region') ? unknownName : undefined,
    city: has('city') ? unknownName : undefined,
  }
}

const unknownName = '(unknown)'
/** Characters of a name. The longest in GeoLite2 has about 60. */
const maxNameLength = 80

/** Formats the place of a record. Two cities of one name are two places, so their names include region and country. */
function toPlace(record: Record<string, unknown>, unknown: Readonly<Place>): Readonly<Place> {
  const country = countryOf(record)
  const { region, city } = namesIn(record)
  const join = (...names: (string | undefined)[]): string =>
    names.filter(name => name !== undefined).join(', ')
  return {
    country,
    region: unknown.region && (region === undefined ? unknownName : join(region, country)),
    city: unknown.city && (city === undefined ? unknownName : join(city, region, country)),
  }
}

/** Returns the English names of region and city in the formats of MaxMind and DB-IP, ip-location-db, and IPinfo. */
function namesIn(record: Record<string, unknown>): Record<'region' | 'city', string | undefined> {
  const { subdivisions, state1, region, city } = record
  const first: unknown = Array.isArray(subdivisions) ? subdivisions[0] : undefined
  return { region: toName(first ?? state1 ?? region), city: toName(city) }
}

/** Returns a name: a text, or the English one of names by language. */
function toName(value: unknown): string | undefined {
  const names = isObject(value) ? value['names'] : undefined
  const name = isObject(names) ? names['en'] : value
  if (typeof name !== 'string') return undefined
  return toCleanText(name.trim()).slice(0, maxNameLength) || undefined
}

/**
 * Checks that the file has countries, by one address of each /8 network. Returns the records.
 * @throws {CountryFileError} when the file has records, but none with a country
 */
function checkCountries(file: CountryFile, path: string): readonly unknown[] {
  const records = Array.from({ length: 223 }, (_, i) => file.read(`${i + 1}.0.0.1`)).filter(
    record => record !== null,
  )
  if (records.length === 0 || records.some(record => countryOf(record) !== undefined))
    return records
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
