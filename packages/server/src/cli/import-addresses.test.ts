import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'
import { createTestServer } from '../testing/server.ts'
import { runCli } from './program.ts'

const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const line = (path: string, referrer: string): string =>
  `192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET ${path} HTTP/1.1" 200 1 "${referrer}" "${agent}"\n`

const sites = [
  {
    id: 'shop',
    pages: { trailingSlash: 'remove', letterCase: 'lower' },
    hostNames: ['shop.example', 'blog.example'],
  },
] as const

it('tidemark import: counts by the pages and hosts of the site on the last server', async () => {
  const dataDir = makeDirectory()
  const server = createTestServer({ sites, storage: { dataDir } })
  await server.tidemark.ready
  await server.tidemark.close()

  const file = join(makeDirectory(), 'access.log')
  const log = [
    line('/docs', 'https://t.co/abc?x=SECRET'),
    line('/Docs/', 'https://blog.example/post'),
    line('/caf%c3%a9/', 'android-app://com.google.android.gm/'),
  ]
  writeFileSync(file, log.join(''))
  const importTo = async (origin: string): Promise<number> => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    const words = ['import', file, '--site', 'shop', '--data', dataDir, '--origin', origin]
    const { signal } = new AbortController()
    return runCli(words, { command: 'tidemark', stdin, stdout, stderr, signal })
  }
  expect(await importTo('https://shop.example')).toBe(0)

  // The clock of the test is behind the import.
  const { ask } = createTestServer({ sites, storage: { dataDir }, onError: () => {} })
  const rowsBy = async (by: string): Promise<unknown> => {
    const answer = await ask(
      `/api/sites/shop/metrics?granularity=day&from=2015-05-17&to=2015-05-18&by=${by}`,
    )
    return ((await answer.json()) as { rows: unknown }).rows
  }
  expect(await rowsBy('path')).toEqual([
    { path: '/docs', pageViews: 2, visitors: 1 },
    { path: '/caf%C3%A9', pageViews: 1, visitors: 1 },
  ])
  expect(await rowsBy('channel')).toEqual([
    { channel: 'Email', pageViews: 1, visitors: 1 },
    { channel: 'Internal', pageViews: 1, visitors: 1 },
    { channel: 'Social', pageViews: 1, visitors: 1 },
  ])
  expect(await rowsBy('referringPage')).toEqual([
    { referringPage: 'android-app://com.google.android.gm', pageViews: 1, visitors: 1 },
    { referringPage: 't.co/abc', pageViews: 1, visitors: 1 },
  ])
  expect(await rowsBy('hostName')).toEqual([
    { hostName: 'shop.example', pageViews: 3, visitors: 1 },
  ])
})
