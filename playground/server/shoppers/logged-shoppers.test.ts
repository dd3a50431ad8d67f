import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { saveLoggedShoppers, loadLoggedShoppers } from './logged-shoppers.ts'

const shopper = { visitorId: 'simulated-1', url: 'http://shop/', loggedAt: 5 }
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-shoppers-'))
})

afterAll(() => rm(folder, { recursive: true }))

it('loadLoggedShoppers: loads the saved shoppers', async () => {
  const file = join(folder, 'shoppers.json')
  const shoppers = [shopper, { ...shopper, visitorId: 'simulated-2', leftAt: 7 }]
  await saveLoggedShoppers(file, shoppers)
  expect(await loadLoggedShoppers(file)).toEqual(shoppers)
})

it.each(['', '{}', 'null', '[', '[null, 7, {"visitorId": 1}, {"visitorId": "a", "url": ""}]'])(
  'loadLoggedShoppers: returns an empty array for the invalid file content %s',
  async text => {
    const file = join(folder, 'other.json')
    await writeFile(file, text)
    expect(await loadLoggedShoppers(file)).toEqual([])
  },
)

it('loadLoggedShoppers: returns an empty array when the file is missing', async () => {
  expect(await loadLoggedShoppers(join(folder, 'none.json'))).toEqual([])
})
