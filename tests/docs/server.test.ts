import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { createInterface } from 'node:readline'
import { createTidemark } from '@tidemark/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { commandOf } from '../../packages/server/src/cli/command.ts'
import { runCli } from '../../packages/server/src/cli/program.ts'
import { defaultRateLimits } from '../../packages/server/src/guard/rates.ts'
import { minSecretBytes, publicKeyAlgorithms } from '../../packages/server/src/guard/token-key.ts'
import { maxTokenLength } from '../../packages/server/src/guard/tokens.ts'
import { defaultConnectionBounds } from '../../packages/server/src/live/connection.ts'
import { defaultConnectionLimits } from '../../packages/server/src/live/connection-limiter.ts'
import { defaultBounds } from '../../packages/server/src/rollup/bounds.ts'
import { maxSites } from '../../packages/server/src/sites/registry.ts'
import { defaultSocketLimits } from '../../packages/server/src/sockets/socket-limits.ts'
import { membersOf, namesIn, readPage } from './page.ts'

const page = await readPage('docs/server.md')
const examples = join(import.meta.dirname, 'examples')

/** Blocks that are a single command `serve`, with their pages. */
const commands: [string, string][] = []
for (const path of ['docs/server.md', 'README.md']) {
  const blocks = (await readPage(path)).blocks('sh')
  commands.push(
    ...blocks
      .filter(block => /^.* serve .*$/.test(block))
      .map(block => [path, block] as [string, string]),
  )
}

function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tidemark-docs-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Runs an example in a new process with a new directory. */
function start(name: string, words: string[] = [], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(examples, name), ...words],
    {
      cwd: makeDirectory(),
      env: { ...process.env, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function startServer(
  name: string,
  env: Record<string, string> = {},
): Promise<{ child: ChildProcess; url: string }> {
  const child = start(name, [], env)
  if (!child.stdout) throw new Error(`${name}: the process has no standard output.`)
  for await (const line of createInterface({ input: child.stdout })) {
    return { child, url: line.replace('Listening on ', '') }
  }
  throw new Error(`${name}: the process ended before it listened.`)
}

/** Output of a command that ends by itself. */
async function print(words: readonly string[]): Promise<string> {
  const stdout = new PassThrough()
  const { signal } = new AbortController()
  const context = { command: 'tidemark', stdin: Readable.from([]), stdout, stderr: stdout, signal }
  await runCli(words, context)
  return text(stdout.end())
}

describe('docs/server.md', () => {
  it('has the files of these tests as examples', () => {
    const names = ['mounted.ts', 'served.ts', 'bare.ts', 'alone.ts', 'public.ts', 'mint.ts']
    const files = names.map(name => readFileSync(join(examples, name), 'utf8'))
    expect(page.blocks('ts').map(block => `${block}\n`)).toEqual(files)
  })

  it('has single commands that start a server', () => {
    expect(commands).toHaveLength(3)
  })

  it.each(commands)('%s: starts a server by %s', async (_, command) => {
    const [, quoted = ''] = /tidemark (serve .*)/.exec(command) ?? []
    const words = quoted.replaceAll("'", '')
    const interruption = new AbortController()
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    stdout.on('data', () => interruption.abort())
    const { signal } = interruption
    const context = { command: 'tidemark', stdin: Readable.from([]), stdout, stderr, signal }
    const elsewhere = ['--port', '0', '--data', makeDirectory(), '--log-level', 'warn']
    expect(await runCli([...words.split(' '), ...elsewhere], context)).toBe(0)
    expect(stderr.read()).toBeNull()
  })

  it('lists every option of the command with its default', async () => {
    const help = await print(['serve', '--help'])
    const described = [...help.matchAll(/^ {2}(--\S+ <\S+>)([^]*?)(?=^ {2}-|^$)/gm)]
    // Of "the stored zone or UTC" only the value after "or" has to be the same.
    const lastValue = (fallback: string): string => fallback.replace(/^.* (?:or|else) /, '')
    const options = described.map(([, option = '', description = '']) => {
      const [, value] = /default:\s+"?([^",)]+)/.exec(description) ?? []
      return [option, lastValue(value?.replaceAll(/\s+/g, ' ') ?? 'none')]
    })
    const documented = page
      .tableAfter('## Command')
      .map(([option = '', value = '']) => [
        option.replaceAll('`', ''),
        lastValue(value.replaceAll('`', '')),
      ])
    expect(options.length).toBeGreaterThan(5)
    expect(documented).toEqual(options)
  })

  it('has commands that create a secret and a token, start a server and read from it', async () => {
    const [starting = '', reading = ''] = page
      .blocks('sh')
      .filter(each => each.includes('token-secret'))
    const secretFile = join(makeDirectory(), 'token-secret')
    const wordsOf = (line: RegExp, block: string): string[] => {
      const [, words = ''] = line.exec(block) ?? []
      return words.split(' ').map(word => (word === 'token-secret' ? secretFile : word))
    }
    writeFileSync(
      secretFile,
      await print(wordsOf(/tidemark (token .*) > token-secret\)$/m, starting)),
    )
    const token = (await print(wordsOf(/TOKEN=\$\(tidemark (token .*)\)$/m, reading))).trim()
    const [, header = '', address = ''] = /^curl -H "([^"]+)" (\S+)$/m.exec(reading) ?? []
    const [name = '', value = ''] = header.replace('$TOKEN', token).split(': ')

    const interruption = new AbortController()
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const { signal } = interruption
    const context = { command: 'tidemark', stdin: Readable.from([]), stdout, stderr, signal }
    const words = wordsOf(/^tidemark (serve .*)$/m, starting)
    const running = runCli([...words, '--port', '0', '--data', makeDirectory()], context)
    const [url = ''] = /http:\/\/\S+:\d+/.exec(String((await once(stdout, 'data'))[0])) ?? []
    const here = address.replace(/^http:\/\/[^/]+/, url)
    const statuses = [(await fetch(here)).status]
    statuses.push((await fetch(here, { headers: { [name]: value } })).status)
    interruption.abort()
    expect(await running).toBe(0)
    expect(statuses).toEqual([401, 200])
  })

  it.each(['token', 'tag'])('lists every option of `tidemark %s`', async name => {
    const help = await print([name, '--help'])
    const options = [...help.matchAll(/^ {2}(--\S+(?: <\S+>)?) /gm)].map(([, option]) => option)
    const [, after = ''] = page.text.split(`| option of \`tidemark ${name}\``)
    const [table = ''] = after.split('\n\n')
    const documented = [...table.matchAll(/^\| `(--[^`]+)`/gm)].map(([, option]) => option)
    expect(options.length).toBeGreaterThan(1)
    expect(documented).toEqual(options)
  })

  it('has a backend that creates valid tokens', async () => {
    const secret = randomBytes(32).toString('base64url')
    const { url } = await startServer('mint.ts', { TIDEMARK_TOKEN_SECRET: secret })
    const token = await (await fetch(`${url}/token`)).text()
    const tidemark = createTidemark({ access: { tokens: { secret } } })
    onTestFinished(() => tidemark.close())
    const read = async (site: string): Promise<number> => {
      const headers = { Authorization: `Bearer ${token}` }
      const address = `http://stats.example/api/sites/${site}/realtime`
      return (await tidemark.fetch(new Request(address, { headers }))).status
    }
    expect([await read('my-site'), await read('other')]).toEqual([200, 403])
  })

  it('lists the algorithms of public keys and the sizes of secrets and tokens', () => {
    const [, list = ''] = /^- \*\*Algorithms\.\*\*([^]*?)\n- /m.exec(page.text) ?? []
    expect([...list.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual(publicKeyAlgorithms)
    expect(page.text).toContain(`a secret of at least ${minSecretBytes} bytes`)
    expect(page.text).toContain(`at most ${maxTokenLength.toLocaleString('en-US')} characters`)
  })

  it('lists every option of createTidemark', async () => {
    const fieldsOf = (file: string, name: string) => membersOf(`packages/server/src/${file}`, name)
    const groups = new Map([
      ['storage', await fieldsOf('log/storage.ts', 'StorageOptions')],
      ['history', await fieldsOf('sites/open-sites.ts', 'HistoryOptions')],
      ['access', await fieldsOf('guard/access.ts', 'AccessOptions')],
      ['proxy', await fieldsOf('routes/proxies.ts', 'ProxyOptions')],
    ])
    const options = (await fieldsOf('config.ts', 'TidemarkOptions')).flatMap(
      name => groups.get(name)?.map(field => `${name}.${field}`) ?? name,
    )
    expect(options).toContain('storage.dataDir')
    expect(namesIn(page.tableAfter('## Options'))).toEqual(options)
  })

  it('lists every option of a site', async () => {
    const options = [
      ...(await membersOf('packages/server/src/site-options.ts', 'SiteOptions')),
      ...(await membersOf('packages/server/src/guard/write-rules.ts', 'WriteOptions')),
    ]
    expect(options).toContain('writeKeys')
    expect(namesIn(page.tableAfter('### Options of a site'))).toEqual(options)
  })

  it('lists every option of connections with its default', () => {
    const [, after = ''] = page.text.split('| field of `connections`')
    const [table = ''] = after.split('### ')
    const rows = [...table.matchAll(/^\| `(\w+)` +\| (\d+) /gm)]
    const documented = rows.map(([, name, value]) => [name, Number(value)])
    expect(Object.fromEntries(documented)).toEqual({
      ...defaultConnectionBounds,
      ...defaultConnectionLimits,
    })
  })

  it('lists every rate with its default', () => {
    const rows = page
      .tableAfter('### Rates')
      .map(([name = '', value = '']) => [name, Number(value)])
    expect(rows.map(([name, value]) => [String(name).replaceAll('`', ''), value])).toEqual(
      Object.entries(defaultRateLimits),
    )
  })

  it('lists every option of sockets with its default', () => {
    const [, after = ''] = page.text.split('| field of `sockets`')
    const rows = [...after.matchAll(/^\| `(\w+)` +\| (\d+) /gm)]
    const documented = rows.map(([, name, value]) => [name, Number(value)])
    expect(Object.fromEntries(documented)).toEqual(defaultSocketLimits)
  })

  it('lists every member of a server', async () => {
    const listed = namesIn(page.tableAfter('### Members')).map(each => each.replace(/\(.*/, ''))
    const members = await membersOf('packages/server/src/tidemark.ts', 'Tidemark')
    expect(new Set(listed)).toEqual(new Set(members))
  })

  it('has the values of limits', () => {
    const documented = page.tableAfter('## Limits').map(([limit, value]) => `${limit}: ${value}`)
    const bounds = {
      sites: maxSites,
      'active visitors per site': defaultBounds.maxActiveVisitors,
      'clients with deduplication per site': defaultBounds.maxClients,
      'missing numbers per client': defaultBounds.maxClientHoles,
      'sessions open to late events per site': defaultBounds.maxSessions,
      'event names with live counts per site': defaultBounds.maxLiveNames,
      'visitors of one goal in the last hour': defaultBounds.maxGoalVisitors,
      'names of a dimension per bucket': defaultBounds.maxBreakdownRows,
      'rows of a list': defaultBounds.maxListRows,
      'entries of the feed': defaultBounds.maxFeedEntries,
    }
    for (const [limit, value] of Object.entries(bounds)) {
      expect(documented).toContain(`${limit}: ${value.toLocaleString('en-US')}`)
    }
  })

  it.each([
    ['mounted server', 'mounted.ts'],
    ['server with `serve`', 'served.ts'],
  ])(
    'has a %s that serves pages, the API, the tracker and WebSockets until SIGTERM',
    async (_, name) => {
      const { child, url } = await startServer(name)
      expect(await (await fetch(url)).text()).toBe('My page')
      expect((await fetch(`${url}/api/tidemark.js`)).ok).toBe(true)
      expect(await (await fetch(`${url}/api/nothing`)).text()).toBe('404 Not Found')
      const body = JSON.stringify({ name: 'page_view', url: 'https://shop.example/boots' })
      const sent = await fetch(`${url}/api/sites/my-site/events`, { method: 'POST', body })
      expect(sent.status).toBe(202)
      const socket = new WebSocket(`${url.replace('http', 'ws')}/api/sites/my-site/realtime/ws`)
      const closed = once(socket, 'close')
      await once(socket, 'open')
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      expect((await closed)[0]).toMatchObject({ code: 4503 })
      expect(await exited).toEqual([0, null])
    },
  )

  it('has a bare server of Node that accepts events and refuses WebSockets until SIGTERM', async () => {
    const { child, url } = await startServer('bare.ts')
    const body = JSON.stringify({ name: 'page_view', url: 'https://shop.example/boots' })
    const api = `${url}/api/sites/my-site`
    expect((await fetch(`${api}/events`, { method: 'POST', body })).status).toBe(202)
    const socket = new WebSocket(`${api.replace('http', 'ws')}/realtime/ws`)
    await once(socket, 'error')
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
  })

  it('has a server with public figures', async () => {
    const { url } = await startServer('public.ts', { TIDEMARK_TOKEN_SECRET: 'x'.repeat(32) })
    const statusOf = async (channel: string): Promise<number> =>
      (await fetch(`${url}/api/sites/my-site/realtime?channels=${channel}`)).status
    expect(await statusOf('currentVisitors')).toBe(200)
    expect(await statusOf('recentEvents')).toBe(403)
  })

  it('has a stand-alone server that requires a key for reading', async () => {
    const { child, url } = await startServer('alone.ts', { READ_KEY: 'open' })
    const read = async (key: string): Promise<string> => {
      const reader = start('live-with-key.ts', [`${url}/api`, 'my-site', key])
      return reader.stdout ? text(reader.stdout) : ''
    }
    expect(await read('open')).toMatch(/^0 .*0 page views\n$/)
    expect(await read('closed')).toMatch(/^refused: /)
    const body = JSON.stringify({ events: [] })
    const sent = await fetch(`${url}/api/sites/my-site/events`, { method: 'POST', body })
    expect(sent.status).toBe(202)
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
  })
})

describe.each(['README.md', 'docs/server.md', 'docs/import-and-replay.md'])('%s', path => {
  it('has the form of the command in a clone', async () => {
    const env = { npm_config_user_agent: 'pnpm/12.0.0', npm_lifecycle_event: 'tidemark' }
    expect((await readPage(path)).text).toContain(`\`${commandOf(env)}\``)
  })
})
