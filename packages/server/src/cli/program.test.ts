import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PassThrough, Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Tidemark, createTidemark } from '../index.ts'
import type { ExitCode } from './context.ts'
import { withoutSlowTurns } from '../testing/without-slow-turns.ts'
import { runCli } from './program.ts'

interface Run {
  code: ExitCode
  stdout: string
  stderr: string
}

interface RunOptions {
  command?: string
  stdin?: Readable
  signal?: AbortSignal
  /** Called after each output, with all output so far. */
  onPrint?: (stdout: string) => void
}

async function tidemark(words: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { stdin = Readable.from([]), signal = new AbortController().signal } = options
  const { command = 'tidemark' } = options
  const printed = { stdout: '', stderr: '' }
  const collector = (name: 'stdout' | 'stderr'): PassThrough =>
    new PassThrough().on('data', (chunk: Buffer) => {
      printed[name] += chunk.toString()
      if (name === 'stdout') options.onPrint?.(printed.stdout)
    })
  const [stdout, stderr] = [collector('stdout'), collector('stderr')]
  const code = await runCli(words, { command, stdin, stdout, stderr, signal })
  return { code, ...printed, stderr: withoutSlowTurns(printed.stderr) }
}

let directory = ''
let server: Tidemark
let api = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidemark-cli-'))
  server = createTidemark({ sites: ['demo'] })
  api = `${(await server.listen({ port: 0 })).url}/api`
})
afterEach(async () => {
  await server.close()
  await rm(directory, { recursive: true })
})

const log = `192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "A"
192.0.2.1 - - [17/May/2015:10:05:04 +0000] "GET /a.css HTTP/1.1" 200 1 "-" "A"
garbage
192.0.2.2 - - [17/May/2015:10:06:03 +0000] "GET /about HTTP/1.1" 200 1 "-" "A"
`

async function logFile(text: string = log): Promise<string> {
  const path = join(directory, 'access.log')
  await writeFile(path, text)
  return path
}

describe('tidemark', () => {
  it('prints its version', async () => {
    const { code, stdout } = await tidemark(['--version'])
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    })
  })

  it.each([[['--help']], [['serve', '--help']], [['replay', '--help']], [['help', 'replay']]])(
    'prints help with examples and exit codes for %j',
    async words => {
      const { code, stdout, stderr } = await tidemark(words)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toMatch(/^Usage: tidemark/)
      expect(stdout).toContain('\nExamples:\n  $ tidemark ')
      expect(stdout).toContain('\nExit codes: 0 ')
    },
  )

  it.each(['serve', 'replay', 'import', 'token'])(
    'names the help of %s after an unknown option',
    async name => {
      const { code, stderr } = await tidemark([name, '--nothing'])
      expect(code).toBe(2)
      expect(stderr).toMatch(new RegExp(`Run 'tidemark ${name} --help' for the options\\.\\n$`))
    },
  )

  it.each([[['--help']], [['serve', '--help']], [['replay', '--help']]])(
    'prints examples with the command of the caller for %j',
    async words => {
      const { stdout } = await tidemark(words, { command: 'npx tidemark' })
      const [, examples = ''] = stdout.split('\nExamples:\n')
      const commands = examples.match(/\S+ (?=tidemark)/g) ?? []
      expect(commands.length).toBeGreaterThan(1)
      for (const before of commands) expect(before).toBe('npx ')
    },
  )

  it.each([
    [[], 'Usage: tidemark'],
    [['bogus'], "unknown command 'bogus'"],
    [['replay', '--site', 'demo'], "missing required argument 'file'"],
    [['replay', 'access.log'], "required option '--site <id>' not specified"],
    [['replay', 'access.log', '--site', 'a b'], "'a b' is invalid. Use 1 to 64 letters"],
    [['replay', 'access.log', '--site', 'demo', '--speed', '0'], 'a number greater than 0'],
    [['serve', '--port', 'x'], 'a number from 0 to 65535'],
    [['serve', '--host', '0.0.0.0'], 'so --site is required'],
    [['serve', '--durability', 'none'], 'Allowed choices are process, fsync'],
    [['serve', '--log-level', 'loud'], 'Allowed choices are debug, info, warn, error, silent'],
  ])('exits with 2 and the reason for %j', async (words, reason) => {
    const { code, stdout, stderr } = await tidemark(words)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(reason)
  })
})

describe('tidemark replay', () => {
  const fast = ['--site', 'demo', '--speed', '3600']

  it('sends a file and prints a summary', async () => {
    const words = ['replay', await logFile(), ...fast, '--url', api]
    const { code, stdout, stderr } = await tidemark(words)
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^Format: combined\. Line 1:\n/),
    })
    expect(stdout).toMatch(/^Lines +4 +2015-05-17T10:05:03Z to 2015-05-17T10:06:03Z$/m)
    expect(stdout).toMatch(/^ {2}page views +2$/m)
    expect(stdout).toMatch(/^ {2}assets and feeds +1$/m)
    expect(stdout).toMatch(
      /^ {2}not parsed +1\n {6}line 3: The fields before the time .*\n {8}garbage$/m,
    )
    expect(stdout).toMatch(/^Sent page views +2 +in 2 requests$/m)
    expect(stdout).toMatch(/^ {2}accepted +2$/m)
    expect(stdout).toMatch(/^Finished in [\d.]+ s \([\d,]+ page views per second\)\.$/m)
  })

  it('sends standard input, and prints the summary as JSON', async () => {
    const at = Date.now() - 3_600_000
    const words = ['replay', '-', ...fast, '--url', api, '--at', String(at), '--json']
    const { code, stdout } = await tidemark(words, { stdin: Readable.from([Buffer.from(log)]) })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ file: '-', site: 'demo', url: api, speed: 3600, origin: 'https://demo.example' },
      ...{ startsAt: at, lines: 4, pageViews: 2, accepted: 2, unparsedLines: 1, unsent: 0 },
    })
  })

  it('exits with 1 and the reason when the file does not exist', async () => {
    const words = ['replay', join(directory, 'none.log'), ...fast, '--url', api]
    const { code, stdout, stderr } = await tidemark(words)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(`tidemark: Cannot read ${words[1]}: the file does not exist.\n`)
  })

  it('exits with 1 and the reason when the site is unknown', async () => {
    const words = ['replay', await logFile(), '--site', 'other', '--url', api]
    const { code, stdout, stderr } = await tidemark(words)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^tidemark: The server at http:.+site_unknown.+\n$/)
  })

  it('exits with 1 immediately when the server refuses the sender, although no page view is due', async () => {
    const reader = createTidemark({
      access: { authorize: (_request, _site, scope) => scope === 'read' },
    })
    const { url } = await reader.listen({ port: 0 })
    const stdin = new PassThrough()
    const { code, stderr } = await tidemark(['replay', '-', ...fast, '--url', `${url}/api`], {
      stdin,
    })
    await reader.close()
    expect(code).toBe(1)
    expect(stderr).toMatch(/^tidemark: The server at http:.+\(refused\).+\n$/)
  })

  it('exits with 1 and the command that starts a server when none responds', async () => {
    const words = ['replay', await logFile(), ...fast, '--url', 'http://127.0.0.1:1/api']
    const { code, stdout, stderr } = await tidemark(words, { command: 'npx tidemark' })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^tidemark: The server at http:.+ does not respond: .+ECONNREFUSED.+\n$/)
    expect(stderr).toContain(
      'Start a server with `npx tidemark serve`, or set the URL of its API with --url.',
    )
  })

  it('exits with 1 when the server accepted no page view', async () => {
    const words = ['replay', await logFile(), ...fast, '--url', api, '--at', '2020-01-01']
    const { code, stdout } = await tidemark(words)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^ {2}rejected +2 +too_old 2$/m)
  })

  it('exits with 130 and the summary when it is interrupted', async () => {
    const interruption = new AbortController()
    const stdin = new PassThrough()
    stdin.write(log)
    const words = ['replay', '-', '--site', 'demo', '--speed', '1', '--url', api]
    const run = tidemark(words, { stdin, signal: interruption.signal })
    setImmediate(() => interruption.abort())
    const { code, stdout } = await run
    expect(code).toBe(130)
    expect(stdout).toMatch(/^Interrupted after/m)
  })
})

describe('tidemark serve', () => {
  async function serveUntilWelcome(
    words: readonly string[],
    command = 'tidemark',
    query = async (url: string): Promise<unknown> => (await fetch(`${url}/api/health`)).json(),
  ): Promise<Run & { reply: unknown }> {
    const interruption = new AbortController()
    let reply: unknown
    const quiet = ['serve', '--data', join(directory, 'data'), '--log-level', 'warn']
    const run = await tidemark([...quiet, ...words], {
      command,
      signal: interruption.signal,
      async onPrint(stdout) {
        const [, url] = /runs at (\S+)/.exec(stdout) ?? []
        if (!url || interruption.signal.aborted || !stdout.includes('Ctrl+C')) return
        reply = await query(url)
        interruption.abort()
      },
    })
    return { ...run, reply }
  }

  it('runs a server until it is interrupted, and prints its URL and the next steps', async () => {
    const words = ['--port', '0', '--site', 'shop']
    const { code, stdout, stderr, reply } = await serveUntilWelcome(words, 'npx tidemark')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(reply).toMatchObject({ status: 'ok' })
    const [, url] = /^Tidemark runs at (http:\/\/127\.0\.0\.1:\d+)$/m.exec(stdout) ?? []
    expect(stdout).toContain(
      `\n  npx tidemark replay access.log --site shop --speed 3600 --url ${url}/api\n`,
    )
    expect(stdout).toMatch(/^ {2}data .+ \(up to date\)$/m)
    expect(stdout).toMatch(/Stopped\.\n$/)
  })

  it('opens WebSockets', async () => {
    const { reply } = await serveUntilWelcome(['--port', '0'], 'tidemark', async url => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/api/sites/shop/realtime/ws`)
      const [hello] = await once(socket, 'message')
      socket.close()
      return JSON.parse(hello.data)
    })
    expect(reply).toMatchObject({ type: 'hello' })
  })

  it('serves the home page at its root', async () => {
    const { reply } = await serveUntilWelcome(['--port', '0', '--site', 'shop'], 'tidemark', url =>
      Promise.all(
        ['/', '/nothing', '/api/sites/shop/realtime'].map(async path => {
          const response = await fetch(`${url}${path}`)
          return [response.status, response.headers.get('Content-Type'), await response.text()]
        }),
      ),
    )
    expect(reply).toEqual([
      [200, 'text/html; charset=utf-8', expect.not.stringContaining('shop')],
      [404, 'application/problem+json', expect.any(String)],
      [200, 'application/json', expect.any(String)],
    ])
  })

  it.each([
    [[], 'NORMAL'],
    [['--durability', 'process'], 'NORMAL'],
    [['--durability', 'fsync'], 'FULL'],
  ])('configures SQLite for %j', async (words, synchronous) => {
    const exec = vi.spyOn(DatabaseSync.prototype, 'exec')
    const { code } = await serveUntilWelcome(['--port', '0', ...words])
    expect(code).toBe(0)
    expect(exec).toHaveBeenCalledWith(`PRAGMA synchronous = ${synchronous}`)
    exec.mockRestore()
  })

  it('writes lines about its start and end to standard error, as JSON or as text', async () => {
    const options = ['--port', '0', '--log-level', 'info']
    const json = await serveUntilWelcome(options)
    const lines = json.stderr
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as object)
    const kinds = ['started', 'listening', 'stopped']
    expect(lines).toMatchObject(kinds.map(kind => ({ level: 'info', kind })))
    const text = await serveUntilWelcome([...options, '--log-format', 'text'])
    expect(text.stderr).toMatch(
      /^\d\d:\d\d:\d\d INFO {2}The server has read its log .* kind=started /,
    )
    expect(text.stderr.trimEnd().split('\n')).toHaveLength(3)
  })

  it('counts the goals of its options', async () => {
    const words = ['--port', '0', '--goal', 'Bought=purchase', '--goal', 'Read=/docs/**']
    const { reply } = await serveUntilWelcome(words, 'tidemark', async url => {
      const events = [{ name: 'purchase' }, { name: 'page_view', url: 'https://a.example/docs/b' }]
      await fetch(`${url}/api/sites/shop/events`, {
        method: 'POST',
        body: JSON.stringify({ visitorId: 'v', events }),
      })
      const from = Date.now() - 60_000
      const query = `from=${from}&to=${from + 120_000}&granularity=minute&by=goal`
      return (await fetch(`${url}/api/sites/shop/metrics?${query}`)).json()
    })
    expect(reply).toMatchObject({
      rows: [
        { goal: 'Bought', count: 1 },
        { goal: 'Read', count: 1 },
      ],
    })
  })

  it.each([
    [['--keep-minutes', '1h'], '--keep-minutes: 1h is too short; use at least 2h.'],
    [['--keep-days', '90m'], '--keep-days: 90m is too short; use at least 2d.'],
    [
      ['--keep-minutes', '5d', '--keep-hours', '3d'],
      '--keep-hours: 3d is shorter than --keep-minutes; use at least 5d.',
    ],
    [
      ['--keep-minutes', 'forever'],
      '--keep-hours: 90d is shorter than --keep-minutes; use forever.',
    ],
    [['--session-gap', '2d'], '--session-gap: 2d is too long; use 1m to 1d.'],
    [['--session-gap', '30s'], '--session-gap: 30s is too short; use 1m to 1d.'],
  ])('exits with 2, the option and its range for %j', async (words, reason) => {
    const { code, stderr } = await serveUntilWelcome(['--port', '0', ...words])
    expect({ code, stderr }).toEqual({ code: 2, stderr: `tidemark: ${reason}\n` })
  })

  it('retains history for the time of its options', async () => {
    const words = ['--keep-minutes', '3h', '--keep-hours', 'forever', '--session-gap', '1h']
    const { reply } = await serveUntilWelcome(['--port', '0', ...words], 'tidemark', async url =>
      Promise.all(
        [5 * 3_600_000, 400 * 24 * 3_600_000].map(async ago => {
          const from = Date.now() - ago
          const range = `from=${from}&to=${from + 60_000}`
          const responses = ['minute', 'hour'].map(each =>
            fetch(`${url}/api/sites/shop/metrics?${range}&granularity=${each}`),
          )
          return (await Promise.all(responses)).map(({ status }) => status)
        }),
      ),
    )
    expect(reply).toEqual([
      [400, 200],
      [400, 200],
    ])
  })

  it('exits with 2 and the reason when two goals have the same name', async () => {
    const { code, stderr } = await serveUntilWelcome(['--goal', 'Bought=a', '--goal', 'Bought=b'])
    expect(code).toBe(2)
    expect(stderr).toBe('tidemark: --goal: Two goals have the name "Bought". Rename one of them.\n')
  })

  it('exits with 1 and the reason when the port is in use', async () => {
    const { port } = new URL(api)
    const { code, stdout, stderr } = await serveUntilWelcome(['--port', port])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^tidemark: Port \d+ of 127\.0\.0\.1 is in use.+\n$/)
  })

  it('exits with 1 and the remedy when the log cannot be opened', async () => {
    const { code, stdout, stderr } = await serveUntilWelcome(['--data', await logFile()])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^tidemark: --data: .+ Choose a directory\.\n$/)
  })
})
