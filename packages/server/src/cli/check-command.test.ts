import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'
import { serveLeaves } from './load-config.ts'
import { runCli } from './program.ts'

interface Setup {
  files?: Record<string, unknown>
  env?: Record<string, string>
  words?: readonly string[]
}

/** Runs `tidemark check` in a new directory with these files. */
async function check({ files = {}, env = {}, words = [] }: Setup) {
  const cwd = makeDirectory()
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(cwd, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const { signal } = new AbortController()
  const stdin = Readable.from([])
  const context = { command: 'tidemark', env, cwd, stdin, stdout, stderr, signal }
  const code = await runCli(['check', ...words], context)
  const output = await text(stdout.end())
  const linesWith = (part: string): string[] =>
    output.split('\n').filter(line => line.includes(part))
  const problems = linesWith('Problem: ').map(line => line.replace('Problem: ', ''))
  return { code, output, problems, linesWith, cwd }
}

const json = 'tidemark.config.json'
const port = 0

describe('tidemark check', () => {
  it('takes flags before the environment, the environment before the file, the file before defaults', async () => {
    const { code, linesWith } = await check({
      files: {
        [json]: { port, host: '127.0.0.2', storage: { checkpointMs: 5 }, sites: ['a', 'b'] },
      },
      env: { HOST: '127.0.0.3', TIDEMARK_SITES: 'c, d', PORT: '' },
      words: ['--site', 'e'],
    })
    expect(code).toBe(0)
    expect(linesWith('(')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^port +0 {2}\(file\)$/),
        expect.stringMatching(/^host +127\.0\.0\.3 {2}\(HOST\)$/),
        expect.stringMatching(/^sites +\[ 'e' \] {2}\(--site\)$/),
        expect.stringMatching(/^storage\.checkpointMs +5 {2}\(file\)$/),
        expect.stringMatching(/^storage\.durability +process {2}\(default\)$/),
      ]),
    )
  })

  it('reports all mistakes with their source, their value and the remedy', async () => {
    const { code, problems } = await check({
      files: {
        [json]: {
          histroy: {},
          history: { timeZone: 'Mars/Base', sessionGapMs: '30m' },
          sites: [{ id: 'shop', writeKeys: ['hunter2'] }],
        },
      },
      env: { PORT: 'http', TIDEMARK_COUNTRY_FIEL: 'x', TIDEMARK_SERVICE_HOST: '10.0.0.1' },
    })
    expect(code).toBe(2)
    expect(problems).toEqual([
      `${json}: histroy: unknown option. Did you mean 'history'?`,
      expect.stringMatching(`^${json}: sites\\[0\\]\\.writeKeys\\[0\\]: the key has 7 bytes.`),
      `${json}: history.timeZone: 'Mars/Base' is not an IANA time zone; for example 'Europe/Berlin'.`,
      `${json}: history.sessionGapMs: '30m' is not a number of milliseconds above 0. Write 1800000 for 30m.`,
      "PORT: 'http' is not a whole number from 0 to 65535.",
      'TIDEMARK_COUNTRY_FIEL: unknown variable. Did you mean TIDEMARK_COUNTRY_FILE?',
    ])
  })

  it('loads tidemark.config.ts with a function, and creates nothing', async () => {
    const config = `export default {
      port: 0, sites: ['shop'] as string[], history: { retentionMs: { day: Infinity } },
      access: { authorize: (request: Request) => request.url !== '' },
    }`
    const { code, cwd, linesWith } = await check({ files: { 'tidemark.config.ts': config } })
    expect(code).toBe(0)
    expect(linesWith('authorize ')).toEqual([expect.stringMatching(/Function.*\(file\)/)])
    expect(readdirSync(cwd)).toEqual(['tidemark.config.ts'])
  })

  it('describes secrets by number and length only', async () => {
    const secret = 'hunter2'.repeat(5)
    const { code, output, linesWith } = await check({
      files: {
        [json]: {
          port,
          sites: [{ id: 'shop', writeKeys: [secret] }],
          access: { tokens: { secretFile: ['one', 'two'], scopes: ['read'] } },
        },
        ...{ one: secret, two: `${secret}!` },
      },
    })
    expect(code).toBe(0)
    expect(output).not.toContain('hunter2')
    expect(linesWith('tokens.secret ')).toEqual([expect.stringContaining('2 (35 bytes, 36 bytes)')])
    expect(linesWith('sites ')).toEqual([expect.stringContaining("writeKeys: '1 (35 bytes)'")])
  })

  it('uses the secret of the environment in place of the files of a configuration file', async () => {
    const { code, linesWith } = await check({
      files: { [json]: { port, access: { tokens: { secretFile: 'missing' } } } },
      env: { TIDEMARK_TOKEN_SECRET: 'x'.repeat(40) },
    })
    expect(code).toBe(0)
    expect(linesWith('access.tokens.secret')).toEqual([
      expect.stringMatching(/secretFile +none {2}\(default\)$/),
      expect.stringMatching(/secret +1 \(40 bytes\) {2}\(TIDEMARK_TOKEN_SECRET\)$/),
    ])
  })

  it.each([
    [{ countryFile: 'none.mmdb' }, 'none.mmdb'],
    [
      { access: { tokens: { secretFile: 'none' } } },
      'tidemark.config.json: access.tokens.secretFile: Cannot read',
    ],
    [{ storage: { dataDir: json } }, `tidemark.config.json: storage.dataDir: `],
    [
      {
        goals: [
          { name: 'A', event: 'a' },
          { name: 'A', event: 'b' },
        ],
      },
      'Two goals have the name "A".',
    ],
    [{ history: { sessionGapMs: 1 } }, 'history.sessionGapMs: '],
    [{ host: '0.0.0.0' }, 'so --site is required'],
  ])('reports %j', async (config, message) => {
    const { code, problems } = await check({ files: { [json]: { port, ...config } } })
    expect({ code, problems }).toEqual({ code: 2, problems: [expect.stringContaining(message)] })
  })

  it('prints the bounce rule of a site', async () => {
    const sites = [{ id: 'shop', history: { bounce: 'not-engaged' } }]
    const { code, linesWith } = await check({ files: { [json]: { port, sites } } })
    expect(code).toBe(0)
    expect(linesWith('sites ')).toEqual([
      expect.stringContaining("{ id: 'shop', history: { bounce: 'not-engaged' } }"),
    ])
  })

  it('reads the files of write keys beside the file, and prints no key', async () => {
    const site = { id: 'shop', writeKeyFiles: ['one', 'two'] }
    const key = 'hunter2'.repeat(5)
    const files = { [json]: { port, sites: [site] }, one: `${key}\n`, two: `${key}!` }
    const { code, cwd, output, linesWith } = await check({ files })
    expect(code).toBe(0)
    expect(output).not.toContain('hunter2')
    expect(linesWith('sites ')).toEqual([expect.stringContaining(join(cwd, 'two'))])
  })

  it.each([
    ['a missing file', {}, /Cannot read .*one: the file does not exist/],
    [
      'a short key',
      { one: 'hunter2' },
      /^tidemark\.config\.json: sites\[0\]\.writeKeyFiles\[0\]: .*one: the key has 7 bytes/,
    ],
  ])('reports %s of writeKeyFiles', async (_, keys, message) => {
    const site = { id: 'shop', writeKeyFiles: ['one'] }
    const { code, problems, output } = await check({
      files: { [json]: { port, sites: [site] }, ...keys },
    })
    expect({ code, problems }).toEqual({ code: 2, problems: [expect.stringMatching(message)] })
    expect(output).not.toContain('hunter2')
  })

  // Root may write everywhere.
  it.skipIf(process.getuid?.() === 0)('reports a data directory that it cannot write', async () => {
    const dataDir = makeDirectory()
    chmodSync(dataDir, 0o500)
    const { code, problems } = await check({ env: { TIDEMARK_STORAGE_DATA_DIR: dataDir } })
    expect({ code, problems }).toEqual({
      code: 2,
      problems: [
        expect.stringContaining(`TIDEMARK_STORAGE_DATA_DIR: ${dataDir} cannot be written`),
      ],
    })
  })

  it('reports all problems at once, each with its source, field and value', async () => {
    const { problems } = await check({
      files: {
        [json]: {
          ...{ port, hots: 1, host: '0.0.0.0', countryFile: './none' },
          sites: [
            { id: 'shop', writeKeyFiles: ['short', 'nope'], gaols: [] },
            { id: 'shop', writeKeys: ['hunter2'] },
          ],
          goals: [
            { name: 'A', path: 'docs' },
            { name: 'B', evnt: 'b' },
          ],
          access: { tokens: { secretFile: './nope' } },
          storage: { dataDir: `${json}/data` },
          prometheus: { tokenFiles: ['short'] },
        },
        short: 'short',
      },
    })
    const field = (path: string, message: string): unknown =>
      expect.stringMatching(new RegExp(`^tidemark\\.config\\.json: ${path}: .*${message}`))
    expect(problems).toEqual([
      field('hots', 'unknown option'),
      field(String.raw`sites\[0\]\.gaols`, 'unknown option'),
      field(String.raw`sites\[1\]\.writeKeys\[0\]`, 'the key has 7 bytes'),
      field('sites', "'shop' is listed twice"),
      field(String.raw`goals\[0\]`, 'docs'),
      field(String.raw`goals\[1\]\.evnt`, 'unknown option'),
      field('access.tokens.secretFile', 'nope: the file does not exist'),
      field(String.raw`sites\[0\]\.writeKeyFiles\[0\]`, 'short: the key has 5 bytes'),
      field(String.raw`sites\[0\]\.writeKeyFiles\[1\]`, 'nope: the file does not exist'),
      field(String.raw`prometheus\.tokenFiles\[0\]`, 'short: the key has 5 bytes'),
      field('countryFile', 'none'),
      field('storage.dataDir', 'is a file'),
    ])
  })

  it('reports an open host beside a mistake, and no rule that only lacks its invalid value', async () => {
    const open = { port, hots: 1, host: '0.0.0.0' }
    const problemsOf = async (config: object): Promise<readonly string[]> =>
      (await check({ files: { [json]: { ...open, ...config } } })).problems
    const typo = expect.stringContaining('hots: ')
    expect(await problemsOf({ sites: ['shop'] })).toEqual([
      typo,
      expect.stringContaining('anyone could read every figure'),
    ])
    expect(await problemsOf({ sites: [{ id: 'shop', public: { paths: 1 } }] })).toEqual([
      typo,
      expect.stringContaining('sites[0].public.paths: 1 is not'),
    ])
  })

  it('names the field of a short secret', async () => {
    const files = { [json]: { port, access: { tokens: { secretFile: 'one' } } }, one: 'short' }
    expect((await check({ files })).problems).toEqual([
      expect.stringMatching(
        /^tidemark\.config\.json: access\.tokens\.secretFile: .*one: the secret has 5 bytes/,
      ),
    ])
  })

  it.runIf(process.platform === 'linux')(
    'reports a directory that root cannot create either',
    async () => {
      const { code, problems } = await check({
        files: { [json]: { port, storage: { dataDir: '/proc/x' } } },
      })
      expect({ code, problems }).toEqual({
        code: 2,
        problems: [expect.stringContaining('storage.dataDir: /proc of /proc/x cannot be written')],
      })
    },
  )

  it('describes keys and tokens from files by number and length', async () => {
    const key = 'hunter2'.repeat(5)
    const sites = [{ id: 'shop', writeKeyFiles: ['one'] }]
    const prometheus = { tokens: [`${key}!`], tokenFiles: ['one'] }
    const { output, linesWith } = await check({
      files: { [json]: { port, sites, prometheus }, one: `${key}\n` },
    })
    expect(output).not.toContain('hunter2')
    expect(linesWith('sites[0].writeKeys ')).toEqual([expect.stringContaining('1 (35 bytes)')])
    expect(linesWith('prometheus.tokens ')).toEqual([
      expect.stringContaining('2 (36 bytes, 35 bytes)'),
    ])
  })

  it('warns about a port that is in use, and prints JSON', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port: taken } = server.address() as AddressInfo
    const { code, output } = await check({ words: ['--port', String(taken), '--json'] })
    expect(code).toBe(0)
    expect(JSON.parse(output)).toMatchObject({
      isValid: true,
      file: null,
      problems: [],
      warnings: [expect.stringContaining(`Port ${taken} of 127.0.0.1`)],
      fields: expect.arrayContaining([{ path: 'port', value: String(taken), source: '--port' }]),
    })
  })

  it('resolves the paths of a file in another directory from there', async () => {
    const directory = join(makeDirectory(), 'etc')
    mkdirSync(directory)
    const path = join(directory, 'my.json')
    writeFileSync(path, JSON.stringify({ port, storage: { dataDir: 'data' } }))
    const { code, linesWith } = await check({ words: ['--config', path] })
    expect(code).toBe(0)
    expect(linesWith('dataDir')).toEqual([expect.stringContaining(join(directory, 'data'))])
  })

  it.each([
    ['{ "port": ', 'tidemark.config.json: '],
    ['[]', 'tidemark.config.json: [] is not an object.'],
  ])('rejects the file %j', async (content, message) => {
    const { code, problems } = await check({ files: { [json]: content } })
    expect({ code, problems }).toEqual({ code: 2, problems: [expect.stringContaining(message)] })
  })

  it('rejects a missing file, two files, and a module without a default export', async () => {
    const none = await check({ words: ['--config', 'none.json'] })
    const two = await check({ files: { [json]: {}, 'tidemark.config.ts': '' } })
    const bare = await check({ files: { 'tidemark.config.ts': 'export const port = 1' } })
    expect([none, two, bare].map(({ code, problems }) => [code, ...problems])).toEqual([
      [2, '--config: none.json does not exist.'],
      [2, expect.stringContaining('both exist. Remove one')],
      [2, expect.stringContaining('the file has no default export')],
    ])
  })

  it.each(serveLeaves.filter(leaf => leaf.variable !== undefined))(
    'reads the variable $variable',
    async ({ path, variable = '' }) => {
      const { code, problems } = await check({ env: { [variable]: '{' } })
      // A directory may have any name, and a file of this name is missing.
      if (/File$|dataDir$|^host$/.test(path)) return
      expect(code).toBe(2)
      expect(problems).toEqual([expect.stringContaining(`${variable}: `)])
    },
  )
})
