import { expect, it } from 'vitest'
import { createMemoryLog } from '../log/memory.ts'
import { resolveSites } from '../site-options.ts'
import { readAddressRules, storeAddressOptions } from './address-setting.ts'

it('readAddressRules: returns the rules of a site that the last server had', () => {
  const { settings } = createMemoryLog({ now: 0 })
  const pathOf = (site: string): string | undefined =>
    readAddressRules(settings, site).parse('https://shop.example/A/?id=5')?.path
  expect(pathOf('shop')).toBe('/A/')
  const sites = [{ id: 'shop', pages: { query: ['id'] } }, { id: 'plain', pages: {} }, 'blog']
  const { rulesOf } = resolveSites(sites, { pages: { trailingSlash: 'remove' } })
  storeAddressOptions(settings, ['shop', 'plain'], site => rulesOf(site).addresses.options)
  expect(['shop', 'plain', 'blog', 'other'].map(pathOf)).toEqual(['/A/?id=5', '/A/', '/A', '/A'])
  storeAddressOptions(settings, ['shop'], () => undefined)
  expect(pathOf('shop')).toBe('/A/')
})

it('storeAddressOptions: stores nothing without options, and nothing twice', () => {
  const { settings } = createMemoryLog({ now: 0 })
  const stored: string[] = []
  const watched = {
    get: settings.get,
    set: (name: string, value: string): void => {
      stored.push(name)
      settings.set(name, value)
    },
  }
  const options = { hostNames: ['shop.example'] }
  storeAddressOptions(watched, ['shop'], () => undefined)
  expect(stored).toEqual([])
  const optionsOf = (site: string) => (site === 'shop' ? options : undefined)
  storeAddressOptions(watched, ['shop'], optionsOf)
  storeAddressOptions(watched, ['shop'], optionsOf)
  expect(stored).toEqual(['addresses'])
  expect(readAddressRules(settings, 'shop').hosts?.has('localhost')).toBe(false)
})
