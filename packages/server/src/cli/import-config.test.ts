import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readDirectoryRules } from '../import/site-rules.ts'
import { makeDirectory } from '../testing/directory.ts'
import { createTestServer } from '../testing/server.ts'
import { runCli } from './program.ts'

const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const line = (path: string, host = 'shop.example', address = '192.0.2.7'): string =>
  `${host} ${address} - - [17/May/2015:23:05:03 +0000] "GET ${path} HTTP/1.1" 200 1 "-" "${agent}"\n`

const log = [
  line('/Docs/'),
  line('/docs'),
  line('/', 'copy.example'),
  line('/', 'shop.example', '203.0.113.9'),
].join('')

const shop = {
  id: 'shop',
  pages: { trailingSlash: 'remove', letterCase: 'lower' },
  hostNames: ['shop.example'],
  exclude: { addresses: ['203.0.113.0/24'] },
  history: { bounce: 'not-engaged' },
}
const config = {
  sites: [shop],
  storage: { dataDir: 'data' },
  history: { timeZone: 'Europe/Berlin' },
}

interface Setup {
  files?: Record<string, unknown>
  env?: Record<string, string>
}

/** Makes a directory with a log and configuration files. Returns a function that runs commands in it. */
function setUp({ files = {}, env = {} }: Setup) {
  const cwd = makeDirectory()
  for (const [name, value] of Object.entries({ 'access.log': log, ...files })) {
    writeFileSync(join(cwd, name), typeof value === 'string' ? value : JSON.stringify(value))
  }
  const dataDir = join(cwd, 'data')
  async function run(...words: readonly string[]) {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    const { signal } = new AbortController()
    const context = { command: 'tidemark', env, cwd, stdin, stdout, stderr, signal }
    const code = await runCli(words, context)
    return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
  }
  const importLog = (...words: readonly string[]) =>
    run('import', join(cwd, 'access.log'), '--site', 'shop', ...words)
  return { cwd, dataDir, run, importLog }
}

async function serveOnce(dataDir: string, options: object): Promise<void> {
  const { tidemark } = createTestServer({ ...options, storage: { dataDir } })
  await tidemark.ready
  await tidemark.close()
}

const ownName = { 'own.json': config }
const found = { 'tidemark.config.json': config }

describe('tidemark import: configuration of the server', () => {
  it('has the rules of the import before any server, also of a dry run', async () => {
    const { importLog, dataDir } = setUp({ files: ownName })
    const expected = {
      ...{ timeZone: 'Europe/Berlin', rules: 'configuration' },
      ...{ excludedLines: 1, unlistedHostViews: 1 },
    }
    const dry = await importLog('--config', 'own.json', '--dry-run', '--json')
    expect(JSON.parse(dry.out)).toMatchObject({
      ...expected,
      visits: [{ pages: ['/docs', '/docs'] }],
    })
    expect(existsSync(dataDir)).toBe(false)
    const { code, out, err } = await importLog('--config', 'own.json', '--json')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(JSON.parse(out)).toMatchObject({ ...expected, accepted: 2 })
    // The clock of the test is behind the import.
    const { ask } = createTestServer({ storage: { dataDir }, onError: () => {} })
    const range = 'granularity=day&from=2015-05-18&to=2015-05-19'
    const answer = await ask(`/api/sites/shop/metrics?${range}&by=path`)
    expect(await answer.json()).toMatchObject({
      rows: [{ path: '/docs', pageViews: 2 }],
      // A log has no engaged time, so the rule of the site does not apply.
      totals: { sessions: 1, bounces: 0 },
    })
  })

  it('is found in the working directory, with its data directory, and is named in the summary', async () => {
    const { importLog, run, dataDir } = setUp({ files: found })
    const { code, out } = await importLog()
    expect(code).toBe(0)
    expect(out).toMatch(/^Rules of this import: tidemark\.config\.json$/m)
    expect(existsSync(join(dataDir, 'tidemark.db'))).toBe(true)
    expect((await run('import', '--undo', '--site', 'shop')).code).toBe(0)
  })

  it('has less precedence than variables, and they than flags', async () => {
    const env = { TIDEMARK_HISTORY_TIME_ZONE: 'Asia/Tokyo', TIDEMARK_STORAGE_DATA_DIR: 'other' }
    const { importLog, cwd } = setUp({ files: found, env })
    const zoneOf = async (...words: string[]) => {
      const { out } = await importLog('--json', '--dry-run', ...words)
      return (JSON.parse(out) as { timeZone: string }).timeZone
    }
    expect(await zoneOf()).toBe('Asia/Tokyo')
    expect(await zoneOf('--time-zone', 'UTC')).toBe('UTC')
    await importLog()
    expect(existsSync(join(cwd, 'other'))).toBe(true)
    await importLog('--data', 'flag')
    expect(existsSync(join(cwd, 'flag'))).toBe(true)
  })

  it('in variables alone has the rules, too', async () => {
    const env = { TIDEMARK_SITES: JSON.stringify([shop]) }
    const { out } = await setUp({ env }).importLog('--dry-run')
    expect(out).toMatch(/^Rules of this import: the environment variables$/m)
    expect(out).toMatch(/^ +\/docs → \/docs$/m)
  })

  it('replaces the rules of the last server, which stay stored, and the import names the differences', async () => {
    const { importLog, dataDir } = setUp({ files: found })
    const { hostNames, exclude } = shop
    const before = { id: 'shop', hostNames, exclude, pages: { letterCase: 'lower' } }
    const history = { sessionGapMs: 60_000, timeZone: 'Europe/Berlin' }
    await serveOnce(dataDir, { sites: [before], history })
    const note = `The last server on ${dataDir} had other rules of the site shop: pages.\nThis import counts by tidemark.config.json. History that is stored stays as it is.\n`
    const dry = await importLog('--dry-run')
    expect(dry.err).toContain(note)
    const { err, out } = await importLog('--json')
    expect(err).toBe(note)
    expect(JSON.parse(out)).toMatchObject({ rules: 'configuration', accepted: 2 })
    const { rules } = readDirectoryRules(join(dataDir, 'tidemark.db'), 'shop')
    expect(rules).toMatchObject({
      ...{ source: 'server', history: { bounce: 'one-event', sessionGapMs: 60_000 } },
      addresses: { options: { pages: { letterCase: 'lower' } } },
    })
  })

  it('with the rules of the last server gives no note', async () => {
    const { importLog, dataDir } = setUp({ files: found })
    await serveOnce(dataDir, config)
    expect((await importLog('--json')).err).toBe('')
  })

  it('names the data directory of `tidemark forget` and `tidemark backup`, too', async () => {
    const { run, dataDir } = setUp({ files: { ...found, 'bad.json': { storage: { dir: 'x' } } } })
    await serveOnce(dataDir, config)
    const words = ['forget', '--site', 'shop', '--visitor', 'ada']
    const { code, err } = await run(...words)
    expect({ code, err }).toEqual({
      code: 1,
      err: 'tidemark: The site "shop" has no stored data.\n',
    })
    const backup = ['backup', '--to', join(dataDir, 'backup.db'), '--json']
    expect((await run(...backup)).code).toBe(0)
    expect((await run(...backup, '--config', 'bad.json')).code).toBe(2)
    expect((await run(...words, '--data', 'none')).err).toContain('none is not a data directory.')
    expect(await run(...words, '--config', 'bad.json')).toMatchObject({
      ...{ code: 2, err: expect.stringContaining('bad.json: storage.dir: unknown') as unknown },
    })
  })

  it.each([
    [
      { sites: ['a', 'b'] },
      2,
      'The site shop is not in tidemark.config.json: sites. Use one of a, b.',
    ],
    [
      { pages: { letterCase: 'up' } },
      2,
      "tidemark.config.json: pages.letterCase: 'up' is not one of",
    ],
    [{ site: 'shop' }, 2, "tidemark.config.json: site: unknown option. Did you mean 'sites'?"],
    [{ history: { sessionGapMs: 5 } }, 2, 'tidemark.config.json: history.sessionGapMs: '],
    ['{', 2, 'tidemark.config.json: '],
  ])('%j is refused', async (value, code, message) => {
    const { importLog, cwd } = setUp({ files: { 'tidemark.config.json': value } })
    for (const words of [[], ['--dry-run']]) {
      const result = await importLog(...words)
      expect(result).toMatchObject({
        code,
        out: '',
        err: expect.stringContaining(message) as unknown,
      })
    }
    expect(readDirectoryRules(join(cwd, '.tidemark', 'tidemark.db'), 'shop').rules.source).toBe(
      'defaults',
    )
  })

  it('is refused when it does not exist, and when its time zone is not that of the data', async () => {
    const { importLog, dataDir } = setUp({ files: ownName })
    expect(await importLog('--config', 'none.json')).toMatchObject({
      ...{ code: 2, err: 'tidemark: --config: none.json does not exist.\n' },
    })
    await serveOnce(dataDir, { history: { timeZone: 'Asia/Tokyo' } })
    expect(await importLog('--config', 'own.json')).toMatchObject({
      code: 1,
      err: expect.stringContaining(
        "own.json: history.timeZone: 'Europe/Berlin' is not 'Asia/Tokyo', the time zone of the data directory.",
      ) as unknown,
    })
  })
})
