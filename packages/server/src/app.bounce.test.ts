import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { runCli } from './cli/program.ts'
import type { TidemarkOptions } from './config.ts'
import { makeDirectory } from './testing/directory.ts'
import { type TestServer, createTestServer } from './testing/server.ts'

const notEngaged = { id: 'shop', history: { bounce: 'not-engaged' } } as const
const sites = [notEngaged, 'blog'] as const

const view = (visitorId: string, page: string): object => ({
  ...{ name: 'page_view', visitorId, url: `https://shop.example/${page}` },
})

/** Sends a session of two page views without engaged time: a bounce by `not-engaged` alone. */
async function visitTwoPages({ send }: TestServer, visitorId: string, site: string): Promise<void> {
  await send({ events: [view(visitorId, 'a'), view(visitorId, 'b')] }, { site })
}

/** Returns the numbers of sessions and bounces of a site. */
async function bouncesOf({ ask }: TestServer, site: string, range = ''): Promise<unknown> {
  const answer = await ask(`/api/sites/${site}/metrics?granularity=day${range}`)
  const { totals } = (await answer.json()) as { totals: { sessions: number; bounces: number } }
  return [totals.sessions, totals.bounces]
}

/** Visits two pages of the shop, and copies the data directory as a kill of the server leaves it. */
async function killServer() {
  const dataDir = makeDirectory()
  const server = createTestServer({ sites, storage: { dataDir } })
  await visitTwoPages(server, 'one', 'shop')
  const copy = makeDirectory()
  cpSync(dataDir, copy, { recursive: true })
  return { server, copy }
}

describe('A bounce rule of a site', () => {
  it.each([
    [undefined, 0],
    ['one-event', 0],
    ['not-engaged', 1],
  ] as const)('replaces that of the server for this site: %s', async (bounce, ofBlog) => {
    const options = { sites, ...(bounce && { history: { bounce } }) }
    const server = createTestServer(options)
    await visitTwoPages(server, 'one', 'shop')
    await visitTwoPages(server, 'one', 'blog')
    expect(await bouncesOf(server, 'shop')).toEqual([1, 1])
    expect(await bouncesOf(server, 'blog')).toEqual([1, ofBlog])
  })

  it('applies after a reload to sessions that change afterwards', async () => {
    const server = createTestServer({ sites: ['shop'] })
    await visitTwoPages(server, 'one', 'shop')
    expect(await server.tidemark.reload({ sites })).toEqual({ needsRestart: [] })
    await visitTwoPages(server, 'two', 'shop')
    expect(await bouncesOf(server, 'shop')).toEqual([2, 1])
    await server.send(view('one', 'c'))
    expect(await bouncesOf(server, 'shop')).toEqual([2, 2])
    await server.tidemark.reload({ sites: ['shop'] })
    await server.send(view('one', 'd'))
    expect(await bouncesOf(server, 'shop')).toEqual([2, 1])
  })

  it('applies to the events that a start reads from the log', async () => {
    const { server, copy } = await killServer()
    const { clock } = server
    const next = createTestServer({ sites, storage: { dataDir: copy }, clock })
    expect((await next.tidemark.ready).events).toBe(2)
    expect(await bouncesOf(next, 'shop')).toEqual([1, 1])
  })
})

const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const log = ['a', 'b']
  .map(
    page =>
      `192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET /${page} HTTP/1.1" 200 1 "-" "${agent}"\n`,
  )
  .join('')

async function run(...words: readonly string[]): Promise<number> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const { signal } = new AbortController()
  return runCli(words, { command: 'tidemark', stdin, stdout, stderr, signal })
}

/** Runs a server on a data directory, until it has stored its rules. */
async function serveOnce(dataDir: string, options: TidemarkOptions): Promise<void> {
  const { tidemark } = createTestServer({ ...options, storage: { dataDir } })
  await tidemark.ready
  await tidemark.close()
}

describe('tidemark import: a bounce rule of a site', () => {
  const range = '&from=2015-05-17&to=2015-05-18'

  it('does not apply to an access log, which has no engaged time', async () => {
    const dataDir = makeDirectory()
    await serveOnce(dataDir, { sites: [notEngaged], history: { bounce: 'not-engaged' } })
    const file = join(makeDirectory(), 'access.log')
    writeFileSync(file, log)
    expect(await run('import', file, '--site', 'shop', '--data', dataDir)).toBe(0)
    // The clock of the test is behind the import.
    const server = createTestServer({ storage: { dataDir }, onError: () => {} })
    expect(await bouncesOf(server, 'shop', range)).toEqual([1, 0])
  })

  it('of the last server applies to events that it left in the log', async () => {
    const { server, copy } = await killServer()
    const file = join(makeDirectory(), 'access.log')
    writeFileSync(file, log)
    expect(await run('import', file, '--site', 'blog', '--data', copy)).toBe(0)
    const next = createTestServer({ storage: { dataDir: copy }, onError: () => {} })
    const day = new Date(server.clock.now()).toISOString().slice(0, 10)
    expect(await bouncesOf(next, 'shop', `&from=${day}`)).toEqual([1, 1])
  })
})
