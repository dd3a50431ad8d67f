import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { keepLeftBehind, readLeftBehind } from './left-behind.ts'

const shopper = { visitorId: 'simulated-1', url: 'http://shop/', loggedAt: 5 }
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-left-behind-'))
})

afterAll(() => rm(folder, { recursive: true }))

it('reads what it has kept', async () => {
  const file = join(folder, 'kept.json')
  await keepLeftBehind(file, [shopper])
  expect(await readLeftBehind(file)).toEqual([shopper])
})

it.each(['', '{}', 'null', '[', '[null, 7, {"visitorId": 1}, {"visitorId": "a", "url": ""}]'])(
  'reads nothing from a file that holds %s',
  async text => {
    const file = join(folder, 'other.json')
    await writeFile(file, text)
    expect(await readLeftBehind(file)).toEqual([])
  },
)

it('reads nothing where there is no file', async () => {
  expect(await readLeftBehind(join(folder, 'none.json'))).toEqual([])
})
