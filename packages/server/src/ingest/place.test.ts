import fc from 'fast-check'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'
import { type MmdbOptions, type MmdbValue, writeMmdb } from '../testing/mmdb.ts'
import { CountryFileError } from './country-file.ts'
import { type PlaceOf, createPlaceOf } from './place.ts'

const in_ = (code: string): MmdbValue => ({ country: { iso_code: code, names: { en: code } } })

const everywhere: [string, MmdbValue][] = [
  ['5.0.0.0/16', in_('DE')],
  ['5.1.0.0/17', in_('FR')],
  ['5.1.128.0/32', in_('BE')],
  // Real files have no private addresses. The test file has them, to show that they are not looked up.
  ['10.0.0.0/8', in_('ZA')],
  ['127.0.0.0/8', in_('ZA')],
]
const everywhere6: [string, MmdbValue][] = [
  ...everywhere,
  ['2a00:1450::/32', in_('IE')],
  ['2a00:1451:8000::/33', in_('GR')],
  ['fc00::/7', in_('ZA')],
]

function writeFile(bytes: Buffer | string): string {
  const path = join(makeDirectory(), 'country.mmdb')
  writeFileSync(path, bytes)
  return path
}

function open(
  networks: [string, MmdbValue][],
  options?: MmdbOptions,
): (address: string) => string | undefined {
  const placeOf = createPlaceOf({ file: writeFile(writeMmdb(networks, options)) })
  return address => placeOf(undefined, address).country
}

describe('createPlaceOf: header', () => {
  const placeOf = createPlaceOf({})

  it.each([
    ['FR', 'FR'],
    ['fr', 'FR'],
    [' GB ', 'GB'],
  ])('returns the country of %j', (header, country) => {
    expect(placeOf(header, '5.0.0.1').country).toBe(country)
  })

  it.each([undefined, '', 'XX', 'ZZ', 'T1', 'FRA', 'F', 'F\u00c9', '\u017f\u017f', 'F\nR', '<b'])(
    'ignores %j',
    header => {
      expect(placeOf(header, '5.0.0.1').country).toBeUndefined()
    },
  )

  it('has precedence over the file, which is used for an unknown country', () => {
    const both = createPlaceOf({ file: writeFile(writeMmdb(everywhere)) })
    expect(both('US', '5.0.0.1').country).toBe('US')
    expect(both('XX', '5.0.0.1').country).toBe('DE')
    expect(both(undefined, '5.0.0.1').country).toBe('DE')
  })
})

describe.each([24, 28, 32] as const)('createPlaceOf: file with %i-bit records', recordSize => {
  it.each([4, 6] as const)('finds IPv4 addresses in an IPv%i tree', ipVersion => {
    const countryOf = open(everywhere, { ipVersion, recordSize })
    expect(
      ['5.0.0.0', '5.0.255.255', '5.1.0.0', '5.1.127.255', '5.1.128.0'].map(countryOf),
    ).toEqual(['DE', 'DE', 'FR', 'FR', 'BE'])
    expect(['4.255.255.255', '5.1.128.1', '5.2.0.0', '255.255.255.255'].map(countryOf)).toEqual(
      Array.from({ length: 4 }),
    )
  })

  it('finds IPv6 addresses', () => {
    const countryOf = open(everywhere6, { recordSize })
    expect(['2a00:1450::', '2A00:1450:FFFF::1', '2a00:1451:8000::1'].map(countryOf)).toEqual([
      'IE',
      'IE',
      'GR',
    ])
    expect(['2a00:144f:ffff::1', '2a00:1451:7fff::1', '2001:db8::1'].map(countryOf)).toEqual(
      Array.from({ length: 3 }),
    )
  })
})

describe('createPlaceOf: addresses', () => {
  it.each([
    '::ffff:5.0.0.1',
    '::FFFF:5.0.0.1',
    '::ffff:500:1',
    '0:0:0:0:0:ffff:500:1',
    '0000:0000:0000:0000:0000:ffff:0500:0001',
    '0:0:0:0:0:ffff:5.0.0.1',
    '0::ffff:5.0.0.1',
  ])('treats the IPv4-mapped address %s as IPv4', address => {
    expect(open(everywhere, { ipVersion: 4 })(address)).toBe('DE')
    expect(open(everywhere6)(address)).toBe('DE')
  })

  it.each(['::ffff:500:1:1', '::ffff:500', '1::ffff:5.0.0.1', '64:ff9b::ffff:500:1'])(
    'does not treat %s as IPv4',
    address => {
      expect(open(everywhere6)(address)).toBeUndefined()
    },
  )

  it('finds no IPv6 address in an IPv4 file', () => {
    // The first 32 bits are those of 5.0.0.1.
    expect(open(everywhere, { ipVersion: 4 })('500:1::')).toBeUndefined()
  })

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '::1',
    '::',
    'fd00::1',
    'fe80::1%eth0',
    '::ffff:10.1.2.3',
    '::ffff:a01:203',
  ])('finds no country for the private address %s', address => {
    expect(open(everywhere6)(address)).toBeUndefined()
  })

  it.each([
    '',
    'localhost',
    '5.0.0',
    '5.0.0.1.2',
    '5.0.0.256',
    '05.0.0.1',
    '5.0.0.1:80',
    '[2a00:1450::]',
    '2a00:1450::%',
    '::ffff:00500:1',
    '0:0:ffff:5.0.0.1',
    '5.0.0.1, 5.0.0.2',
    '__proto__',
    '\u0000',
  ])('finds no country for the invalid address %j', address => {
    expect(open(everywhere6)(address)).toBeUndefined()
  })
})

describe('createPlaceOf: files', () => {
  it('reads the record formats of DB-IP, IPinfo and ip-location-db', () => {
    const countryOf = open([
      ['5.0.0.0/24', { continent: { code: 'EU' }, country: { iso_code: 'DE' } }],
      ['5.0.1.0/24', { country_code: 'FR' }],
      ['5.0.2.0/24', { country: 'BE' }],
      ['5.0.3.0/24', { country: 'Italy', country_code: 'IT' }],
      ['5.0.4.0/24', { country: { geoname_id: 1 } }],
      ['5.0.5.0/24', { country: 'Neverland' }],
      ['5.0.6.0/24', 'text'],
      ['5.0.7.0/24', { country: { iso_code: 7 } }],
    ])
    expect(Array.from({ length: 8 }, (_, i) => countryOf(`5.0.${i}.1`))).toEqual([
      'DE',
      'FR',
      'BE',
      'IT',
      ...Array.from({ length: 4 }),
    ])
  })

  it('throws for a missing file, with the remedy', () => {
    const file = join(makeDirectory(), 'nothing.mmdb')
    expect(() => createPlaceOf({ file })).toThrow(CountryFileError)
    expect(() => createPlaceOf({ file })).toThrow(
      `The country file ${file} does not exist. Give the path of an .mmdb file`,
    )
  })

  it('throws for a directory', () => {
    const file = join(makeDirectory(), 'country.mmdb')
    mkdirSync(file)
    expect(() => createPlaceOf({ file })).toThrow(`The country file ${file} cannot be read: EISDIR`)
  })

  const validBytes = writeMmdb(everywhere)
  it.each<[string, Buffer | string]>([
    ['empty', ''],
    ['a page of HTML', '<!doctype html><title>404</title>'],
    ['cut in half', validBytes.subarray(0, validBytes.length / 2)],
    ['without its last byte', validBytes.subarray(0, -1)],
    ['without its first byte', validBytes.subarray(1)],
    ['only the metadata', validBytes.subarray(validBytes.lastIndexOf('MaxMind.com') - 3)],
    ['only the metadata marker', Buffer.from('\u00ab\u00cd\u00efMaxMind.com', 'latin1')],
    ['only zeros', Buffer.alloc(5000)],
  ])('throws for a file that is %s', (_, bytes) => {
    const file = writeFile(bytes)
    expect(() => createPlaceOf({ file })).toThrow(CountryFileError)
    expect(() => createPlaceOf({ file })).toThrow(
      `The country file ${file} is not a MaxMind DB file, or is damaged`,
    )
  })

  it('throws for a compressed file', () => {
    const file = writeFile(Buffer.from([0x1f, 0x8b, 8, 0]))
    expect(() => createPlaceOf({ file })).toThrow(
      `The country file ${file} is compressed. Decompress it`,
    )
  })

  it('throws for a file without countries', () => {
    const file = writeFile(
      writeMmdb([['5.0.0.0/8', { autonomous_system_number: 64_496 }]], { type: 'GeoLite2-ASN' }),
    )
    expect(() => createPlaceOf({ file })).toThrow(
      `The country file ${file} has no countries: its type is "GeoLite2-ASN".`,
    )
  })

  it('reports a damaged record once, and still finds others', () => {
    const bytes = writeMmdb([
      ['5.0.0.0/24', in_('DE')],
      ['5.0.1.0/24', in_('FR')],
    ])
    // Gives the second record a type that does not exist.
    bytes.fill(0, bytes.indexOf('FR') - 12, bytes.indexOf('FR'))
    const errors: unknown[] = []
    const placeOf = createPlaceOf({
      file: writeFile(bytes),
      onError: error => errors.push(error),
    })
    for (const address of ['5.0.1.1', '5.0.1.2'])
      expect(placeOf(undefined, address).country).toBeUndefined()
    expect(placeOf(undefined, '5.0.0.1').country).toBe('DE')
    expect(errors).toEqual([expect.any(CountryFileError)])
  })

  it('throws for a damaged file when it is opened, and never during a lookup', () => {
    const file = writeFile('')
    const flip = fc.tuple(fc.nat(validBytes.length - 1), fc.integer({ min: 1, max: 255 }))
    fc.assert(
      fc.property(fc.array(flip, { minLength: 1, maxLength: 4 }), flips => {
        const bytes = Buffer.from(validBytes)
        for (const [offset, bits] of flips) bytes[offset] = (bytes[offset] ?? 0) ^ bits
        writeFileSync(file, bytes)
        let placeOf
        try {
          placeOf = createPlaceOf({ file })
        } catch (error) {
          expect(error).toBeInstanceOf(CountryFileError)
          return
        }
        for (const address of ['5.0.0.1', '5.1.128.0', '255.1.1.1', '2a00::1']) {
          expect(placeOf(undefined, address).country ?? 'AA').toMatch(/^[A-Z]{2}$/)
        }
      }),
      { numRuns: 200 },
    )
  })
})

/** A record in the format of GeoLite2 City and DB-IP City. */
const at = (code: string, region?: string, city?: string): MmdbValue => ({
  country: { iso_code: code, names: { en: 'Country', de: 'Land' } },
  ...(region !== undefined && { subdivisions: [{ names: { de: 'Region', en: region } }] }),
  ...(city !== undefined && { city: { names: { de: 'Stadt', en: city } } }),
})

describe('createPlaceOf: regions and cities', () => {
  const file = writeMmdb(
    [
      ['5.0.0.0/24', at('US', 'Illinois', 'Springfield')],
      ['5.0.1.0/24', at('US', 'Missouri', 'Springfield')],
      ['5.0.2.0/24', at('SG', undefined, 'Singapore')],
      ['5.0.3.0/24', at('DE', 'Bavaria')],
      ['5.0.4.0/24', at('FR')],
    ],
    { type: 'GeoLite2-City' },
  )
  const openCities = (): PlaceOf => createPlaceOf({ file: writeFile(file) })

  it.each([
    ['5.0.0.1', 'US', 'Illinois, US', 'Springfield, Illinois, US'],
    ['5.0.1.1', 'US', 'Missouri, US', 'Springfield, Missouri, US'],
    ['5.0.2.1', 'SG', '(unknown)', 'Singapore, SG'],
    ['5.0.3.1', 'DE', 'Bavaria, DE', '(unknown)'],
    ['5.0.4.1', 'FR', '(unknown)', '(unknown)'],
    ['5.9.0.1', undefined, '(unknown)', '(unknown)'],
    ['127.0.0.1', undefined, '(unknown)', '(unknown)'],
  ])('of %s are named in English, with the country', (address, country, region, city) => {
    expect(openCities()(undefined, address)).toEqual({ country, region, city })
  })

  it('are one object for each record', () => {
    const placeOf = openCities()
    expect(placeOf(undefined, '5.0.0.1')).toBe(placeOf(undefined, '5.0.0.9'))
  })

  it('are unknown if the header of a CDN has another country', () => {
    const placeOf = openCities()
    const elsewhere = { country: 'FR', region: '(unknown)', city: '(unknown)' }
    expect(placeOf('fr', '5.0.0.1')).toEqual(elsewhere)
    expect(placeOf('us', '5.0.0.1')).toEqual(placeOf(undefined, '5.0.0.1'))
  })

  it.each<[string, MmdbValue, string, string]>([
    // https://github.com/sapics/ip-location-db: dbip-city.mmdb
    [
      'ip-location-db',
      { city: 'Munich', country_code: 'DE', state1: 'Bavaria' },
      ...(['Bavaria, DE', 'Munich, Bavaria, DE'] as const),
    ],
    // https://ipinfo.io/developers/ip-to-geolocation-database
    [
      'IPinfo',
      { city: 'Munich', country: 'DE', region: 'Bavaria' },
      ...(['Bavaria, DE', 'Munich, Bavaria, DE'] as const),
    ],
  ])('are read from files of %s', (_, record, region, city) => {
    const path = writeFile(writeMmdb([['5.0.0.0/16', record]]))
    expect(createPlaceOf({ file: path })(undefined, '5.0.0.1')).toEqual({
      ...{ country: 'DE', region, city },
    })
  })

  it('are not looked up in a file of countries, and without a file', () => {
    const ofCountries = createPlaceOf({ file: writeFile(writeMmdb(everywhere)) })
    const none = { region: undefined, city: undefined }
    expect(ofCountries(undefined, '5.0.0.1')).toEqual({ country: 'DE', ...none })
    expect(ofCountries(undefined, '5.9.0.1')).toEqual({ country: undefined, ...none })
    expect(createPlaceOf({})('FR', '5.0.0.1')).toEqual({ country: 'FR', ...none })
  })
})
