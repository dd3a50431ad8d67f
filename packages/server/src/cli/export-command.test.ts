import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { readDirectoryRules } from '../import/site-rules.ts'
import { makeDirectory } from '../testing/directory.ts'
import { createTestServer } from '../testing/server.ts'
import { makeToken, secret, shopClaims } from '../testing/token.ts'
import { runCli } from './program.ts'

async function run(...words: readonly string[]) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const { signal } = new AbortController()
  const out = text(stdout)
  const code = await runCli(words, { command: 'tidemark', stdin, stdout, stderr, signal })
  stdout.end()
  return { code, out: await out, err: String(stderr.read() ?? '') }
}

const view = { name: 'page_view', visitorId: 'v', url: 'https://shop.example/boots' }
const byPath = ['--by', 'path', '--granularity', 'day']
const expected = 'path,pageViews,visitors,rest\r\n/boots,1,1,\r\n'

describe('tidemark export', () => {
  it('prints the history of a running server, with a token', async () => {
    const server = createTestServer({ sites: ['shop'], access: { tokens: { secret } } })
    await server.send(view)
    const { url } = await server.tidemark.listen({ port: 0 })
    const words = ['export', '--site', 'shop', '--url', `${url}/api`, ...byPath]
    expect(await run(...words)).toMatchObject({
      code: 1,
      err: /^tidemark: No export: Send a token/,
    })
    const tokenFile = join(makeDirectory(), 'token')
    writeFileSync(tokenFile, `${makeToken(shopClaims)}\n`)
    expect(await run(...words, '--token-file', tokenFile)).toEqual({
      ...{ code: 0, out: expected, err: '' },
    })
  })

  it('prints the history of a data directory that no server has open', async () => {
    const dataDir = makeDirectory()
    const server = createTestServer({ storage: { dataDir } })
    await server.send(view)
    const words = ['export', '--site', 'shop', '--data', dataDir, '--from', '2026-03-01', ...byPath]
    expect(await run(...words, '--to', '2026-04-01')).toMatchObject({
      ...{ code: 1, err: expect.stringContaining('has the log in') as unknown },
    })
    await server.tidemark.close()
    expect(await run(...words, '--to', '2026-04-01')).toMatchObject({ code: 0, out: expected })
    const ndjson = await run(...words, '--to', '2026-04-01', '--format', 'ndjson')
    expect(JSON.parse(ndjson.out)).toEqual({ path: '/boots', pageViews: 1, visitors: 1 })
  })

  it('keeps the rules that the last server stored in the data directory for imports, and counts by them', async () => {
    const dataDir = makeDirectory()
    const shop = {
      id: 'shop',
      pages: { letterCase: 'lower' },
      exclude: { addresses: ['203.0.113.0/24'] },
      history: { bounce: 'not-engaged' },
    } as const
    const server = createTestServer({ sites: [shop], storage: { dataDir } })
    await server.send({ events: [view, { ...view, url: 'https://shop.example/shoes' }] })
    const copy = makeDirectory()
    cpSync(dataDir, copy, { recursive: true })
    const path = join(copy, 'tidemark.db')
    const before = readDirectoryRules(path, 'shop')
    const day = ['--from', '2026-03-01', '--to', '2026-04-01', '--granularity', 'day']
    const { out } = await run('export', '--site', 'shop', '--data', copy, ...day)
    const [names = [], ...days] = out.split('\r\n').map(line => line.split(','))
    expect(days.map(values => values[names.indexOf('bounces')])).toContain('1')
    const after = readDirectoryRules(path, 'shop')
    expect(after).toEqual(before)
    expect(after.rules.addresses.options).toEqual({ pages: shop.pages })
  })

  it.each([
    [['--format', 'xml'], 2, 'csv, ndjson'],
    [['--data', '/nowhere'], 1, '/nowhere is not a data directory.'],
    [['--url', 'http://127.0.0.1:9/api'], 1, 'no server answers at http://127.0.0.1:9/api'],
    [['--token-file', '/nowhere'], 1, '/nowhere'],
  ])('refuses %j', async (words, code, message) => {
    const result = await run('export', '--site', 'shop', ...words)
    expect(result).toMatchObject({ code, err: expect.stringContaining(message) as unknown })
  })

  it('selects a property of an event, and a source', async () => {
    const server = createTestServer()
    const referrer = 'https://www.news.example/a'
    await server.send({ events: [{ ...view, referrer, properties: { plan: 'pro', rank: -5 } }] })
    const { url } = await server.tidemark.listen({ port: 0 })
    const words = ['export', '--site', 'shop', '--url', `${url}/api`, '--by']
    const property = ['property', '--name', 'page_view', '--property']
    expect((await run(...words, ...property, 'plan')).out).toContain('\r\npro,1,1,')
    expect((await run(...words, ...property, 'rank')).out).toContain('\r\n-5,1,1,')
    const pages = await run(...words, 'referringPage', '--referrer', 'www.news.example')
    expect(pages.out).toContain('\r\nwww.news.example/a,1,1,')
    expect((await run(...words, 'referringPage', '--referrer', 'x.example')).out).not.toContain(
      ',1',
    )
  })

  it('says that a site is unknown', async () => {
    const server = createTestServer({ sites: ['shop'] })
    const { url } = await server.tidemark.listen({ port: 0 })
    const { code, err } = await run('export', '--site', 'shopx', '--url', `${url}/api`)
    expect([code, err]).toEqual([
      ...[1, expect.stringContaining("No export: the site 'shopx' is unknown. Compare") as unknown],
    ])
  })

  it('names an invalid parameter', async () => {
    const dataDir = makeDirectory()
    await createTestServer({ storage: { dataDir } }).tidemark.close()
    const { code, err } = await run(
      'export',
      '--site',
      'shop',
      '--data',
      dataDir,
      '--by',
      'weather',
    )
    expect([code, err]).toEqual([
      ...[2, expect.stringContaining("by: 'weather' is not supported") as unknown],
    ])
  })
})
