import world from 'world-atlas/countries-110m.json'
import { expect, it } from 'vitest'
import { numericCodes } from './country-codes.ts'
import { smallCountries } from './small-countries.ts'
import { countryShapes } from './world.ts'

const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
const { geometries } = world.objects.countries

it('numericCodes: has each country of ISO 3166-1 once', () => {
  expect(numericCodes.size).toBe(249)
  expect(new Set(numericCodes.values()).size).toBe(249)
  for (const [code, numeric] of numericCodes) {
    expect(`${code} ${numeric}`).toMatch(/^[A-Z]{2} \d{3}$/)
    expect(names.of(code), code).toBeDefined()
  }
})

it('numericCodes: has all countries that `Intl` names', () => {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  const codes = letters.flatMap(first => letters.map(second => first + second))
  // Regions that are no country, and codes that are reserved or for private use.
  const others = /^(AC|CP|CQ|DG|EA|EU|EZ|IC|QO|TA|UN|X[A-Z]|ZZ)$/
  // Former countries have the name of their successor, which is a country too.
  const isFormer = (code: string) => new Intl.Locale(`und-${code}`).maximize().region !== code
  const named = codes.filter(code => names.of(code) && !others.test(code) && !isFormer(code))
  expect(named.filter(code => !numericCodes.has(code))).toEqual([])
})

it('numericCodes: names the same country as the map', () => {
  const codes = new Map([...numericCodes].map(([code, numeric]) => [numeric, code]))
  const codeByName = new Map([...numericCodes.keys()].map(code => [names.of(code), code]))
  const named = geometries.filter(({ properties }) => codeByName.has(properties.name))
  expect(named.length).toBeGreaterThan(140)
  for (const { id, properties } of named) {
    expect(codes.get(id ?? ''), properties.name).toBe(codeByName.get(properties.name))
  }
})

it('countryShapes: have a code, except two areas that have none', () => {
  const shapes = countryShapes()
  expect(shapes.length).toBe(geometries.length - 1)
  const unnamed = shapes.filter(({ code }) => code === undefined)
  expect(unnamed.map(({ feature }) => feature.properties?.['name'])).toEqual([
    'N. Cyprus',
    'Somaliland',
  ])
  expect(shapes.some(({ code }) => code === 'XK')).toBe(true)
})

it('smallCountries: has the coordinates of all countries without a shape', () => {
  const shown = new Set(countryShapes().map(({ code }) => code))
  const missing = [...numericCodes.keys()].filter(code => !shown.has(code) && code !== 'AQ')
  expect([...smallCountries.keys()].toSorted()).toEqual(missing.toSorted())
  for (const code of ['SG', 'MT', 'HK']) expect(smallCountries.has(code)).toBe(true)
  expect(smallCountries.get('SG')).toEqual([103.8, 1.4])
  for (const [longitude, latitude] of smallCountries.values()) {
    expect(Math.abs(longitude)).toBeLessThanOrEqual(180)
    expect(Math.abs(latitude)).toBeLessThan(80)
  }
})
