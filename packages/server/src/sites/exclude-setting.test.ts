import { expect, it } from 'vitest'
import { createMemoryLog } from '../log/memory.ts'
import { readExclusion, storeExclusion } from './exclude-setting.ts'

it('readExclusion: returns the addresses that the last server excluded from a site', () => {
  const { settings } = createMemoryLog({ now: 0 })
  expect(readExclusion(settings, 'shop')).toBeUndefined()
  const shop = { id: 'shop', exclude: { addresses: ['198.51.100.7'] } }
  storeExclusion(settings, { exclude: { addresses: ['203.0.113.0/24'] }, sites: [shop, 'blog'] })
  expect(readExclusion(settings, 'shop')).toEqual(['203.0.113.0/24', '198.51.100.7'])
  expect(readExclusion(settings, 'blog')).toEqual(['203.0.113.0/24'])
  storeExclusion(settings, {})
  expect(readExclusion(settings, 'shop')).toEqual([])
})
