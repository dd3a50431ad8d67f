import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createTokens } from '../guard/tokens.ts'
import { createManualClock } from '../testing/clock.ts'
import { makeDirectory } from '../testing/directory.ts'
import { secret } from '../testing/token.ts'
import { withoutSlowTurns } from '../testing/without-slow-turns.ts'
import { runCli } from './program.ts'

interface Run {
  code: number
  stdout: string
  stderr: string
}

/** @param onWelcome called when a server has started; the server stops afterwards */
async function tidemark(
  words: readonly string[],
  env: Record<string, string> = {},
  onWelcome?: (url: string) => Promise<void>,
): Promise<Run> {
  const interruption = new AbortController()
  const printed = { stdout: '', stderr: '' }
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  stderr.on('data', (chunk: Buffer) => (printed.stderr += chunk.toString()))
  let welcomed: Promise<void> | undefined
  stdout.on('data', (chunk: Buffer) => {
    printed.stdout += chunk.toString()
    const [, url] = /runs at (\S+)/.exec(printed.stdout) ?? []
    if (url === undefined || welcomed) return
    welcomed = (onWelcome?.(url) ?? Promise.resolve()).finally(() => interruption.abort())
  })
  const { signal } = interruption
  const stdin = Readable.from([])
  const code = await runCli(words, { command: 'tidemark', env, stdin, stdout, stderr, signal })
  await welcomed
  return { code, ...printed, stderr: withoutSlowTurns(printed.stderr) }
}

function fileOf(text: string): string {
  const path = join(makeDirectory(), 'token-secret')
  writeFileSync(path, text)
  return path
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

const env = { TIDEMARK_TOKEN_SECRET: secret }

describe('tidemark token', () => {
  it('prints only a token, which can read a site for a day', async () => {
    const before = Math.floor(Date.now() / 1000)
    const { code, stdout, stderr } = await tidemark(['token', '--site', 'shop'], env)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
    const { iat, exp, ...claims } = claimsOf(stdout)
    expect(claims).toEqual({ aud: 'tidemark', site: ['shop'], scope: 'read' })
    expect(Number(exp) - Number(iat)).toBe(86_400)
    expect(Number(iat)).toBeGreaterThanOrEqual(before)
    const tokens = createTokens({ secret }, createManualClock(Date.now()))
    expect(await tokens.check(stdout.trim(), 'shop', 'read')).toHaveProperty('expiresAt')
  })

  it.each([
    [['--site', 'shop', '--site', 'blog'], { site: ['shop', 'blog'] }],
    [['--site', '*'], { site: '*' }],
    [['--site', 'shop', '--site', '*'], { site: '*' }],
    [['--site', 'shop', '--scope', 'write'], { scope: 'write' }],
    [
      ['--site', 'shop', '--channel', 'goals', '--channel', 'events', '--path', '/a/*'],
      { channels: ['goals', 'events'], paths: ['/a/*'] },
    ],
    [['--site', 'shop', '--scope', 'read', '--scope', 'write'], { scope: 'read write' }],
  ])('creates the claims of %j', async (words, claims) => {
    const { stdout } = await tidemark(['token', ...words], env)
    expect(claimsOf(stdout)).toMatchObject(claims)
  })

  it.each([
    ['90s', 90],
    ['15m', 900],
    ['12h', 43_200],
    ['30d', 2_592_000],
  ])('sets the lifetime %s', async (time, seconds) => {
    const { stdout } = await tidemark(['token', '--site', 'shop', '--expires-in', time], env)
    const { iat, exp } = claimsOf(stdout)
    expect(Number(exp) - Number(iat)).toBe(seconds)
  })

  it('sets no expiry for never', async () => {
    const { stdout } = await tidemark(['token', '--site', 'shop', '--expires-in', 'never'], env)
    expect(claimsOf(stdout)).not.toHaveProperty('exp')
  })

  it('prefers the secret of a file to the environment, and trims its line break', async () => {
    const words = ['token', '--site', 'shop', '--secret-file', fileOf(`${secret}\r\n`)]
    const other = { TIDEMARK_TOKEN_SECRET: 'x'.repeat(32) }
    const { stdout } = await tidemark(words, other)
    const tokens = createTokens({ secret }, createManualClock(Date.now()))
    expect(await tokens.check(stdout.trim(), 'shop', 'read')).toHaveProperty('expiresAt')
  })

  it('prints a new secret of sufficient length each time', async () => {
    const runs = [
      await tidemark(['token', '--new-secret']),
      await tidemark(['token', '--new-secret']),
    ]
    const [one = '', two] = runs.map(({ stdout }) => stdout)
    expect(one).toMatch(/^[\w-]{43}\n$/)
    expect(two).not.toBe(one)
    const words = ['token', '--site', 'shop', '--secret-file', fileOf(one)]
    expect(await tidemark(words)).toMatchObject({ code: 0, stderr: '' })
  })

  it.each<[string[], string]>([
    [['token'], "--site is missing. Name a site with --site ID, or all sites with --site '*'."],
    [
      ['token', '--site', 'shop'],
      'The secret is missing. Name its file with --secret-file, or set TIDEMARK_TOKEN_SECRET.',
    ],
    [['token', '--site', 'a b'], "'a b' is invalid. Use 1 to 64 letters"],
    [['token', '--site', 'shop', '--scope', 'admin'], 'Use read or write.'],
    [
      ['token', '--site', 'shop', '--expires-in', '30'],
      'Use a whole number with the unit s, m, h or d',
    ],
    [['token', '--site', 'shop', '--expires-in', '0s'], 'from 1s to 100 years'],
    [
      ['token', '--site', 'shop', '--expires-in', '07d'],
      'Use a whole number with the unit s, m, h or d',
    ],
    [
      ['token', '--site', 'shop', '--expires-in', '-1d'],
      'Use a whole number with the unit s, m, h or d',
    ],
    [['token', '--site', 'shop', '--expires-in', '99999d'], 'from 1s to 100 years'],
  ])('exits with 2 and the reason for %j', async (words, reason) => {
    const { code, stdout, stderr } = await tidemark(words)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(reason)
  })

  it('exits with 1 and the reason, without the secret, when the secret is missing or too short', async () => {
    const none = join(makeDirectory(), 'none')
    const missing = await tidemark(['token', '--site', 'shop', '--secret-file', none])
    expect(missing).toEqual({
      code: 1,
      stdout: '',
      stderr:
        `tidemark: --secret-file: Cannot read ${none}: the file does not exist. ` +
        'Name the file of `serve --token-secret-file`.\n',
    })
    for (const words of [
      ['token', '--site', 'shop'],
      ['serve', '--port', '0', '--data', makeDirectory()],
    ]) {
      const short = await tidemark(words, { TIDEMARK_TOKEN_SECRET: ' hunter2 ' })
      expect(short).toEqual({
        code: 1,
        stdout: '',
        stderr:
          'tidemark: TIDEMARK_TOKEN_SECRET: the secret has 7 bytes; at least 32 are required. ' +
          'Create one with `tidemark token --new-secret > token-secret`.\n',
      })
    }
    const empty = await tidemark(['token', '--site', 'shop'], { TIDEMARK_TOKEN_SECRET: '' })
    expect(empty.stderr).toContain('has 0 bytes')
  })
})

describe('tidemark serve', () => {
  const quiet = ['serve', '--log-level', 'warn']
  const realtimeOf = (url: string): string => `${url}/api/sites/shop/realtime`
  const serve = (
    words: readonly string[],
    variables: Record<string, string>,
    onWelcome?: (url: string) => Promise<void>,
  ): Promise<Run> =>
    tidemark(
      [...quiet, '--port', '0', '--data', makeDirectory(), '--site', 'shop', ...words],
      variables,
      onWelcome,
    )

  it.each([
    ['a file', () => ['--token-secret-file', fileOf(`${secret}\n`)], {}],
    ['the environment', () => [], env],
  ])(
    'authorizes tokens of its secret from %s, and does not print the secret',
    async (_, toWords, variables) => {
      const token = (await tidemark(['token', '--site', 'shop'], env)).stdout.trim()
      const statuses: number[] = []
      const run = await serve(toWords(), variables, async url => {
        const headers = { Authorization: `Bearer ${token}` }
        for (const init of [{}, { headers }])
          statuses.push((await fetch(realtimeOf(url), init)).status)
        const body = JSON.stringify({ events: [] })
        const sent = await fetch(`${url}/api/sites/shop/events`, { method: 'POST', body })
        statuses.push(sent.status)
      })
      expect(run).toMatchObject({ code: 0, stderr: '' })
      expect(statuses).toEqual([401, 200, 202])
      expect(run.stdout).toMatch(
        /^ {2}read {3}with a token; create one with `tidemark token --site shop/m,
      )
      expect(run.stdout).not.toContain(secret)
    },
  )

  it.each([
    [
      'two files',
      (fresh: string) => [
        '--token-secret-file',
        fileOf(fresh),
        '--token-secret-file',
        fileOf(secret),
      ],
      () => ({}),
    ],
    [
      'two variables',
      () => [],
      (fresh: string) => ({ TIDEMARK_TOKEN_SECRET: fresh, TIDEMARK_TOKEN_SECRET_PREVIOUS: secret }),
    ],
  ])(
    'authorizes tokens of the secret and of the previous one from %s',
    async (_, toWords, toEnv) => {
      const fresh = (await tidemark(['token', '--new-secret'])).stdout.trim()
      const minted = [fresh, secret, 'x'.repeat(32)].map(TIDEMARK_TOKEN_SECRET =>
        tidemark(['token', '--site', 'shop'], { TIDEMARK_TOKEN_SECRET }),
      )
      const tokens = (await Promise.all(minted)).map(({ stdout }) => stdout.trim())
      const statuses: number[] = []
      const run = await serve(toWords(fresh), toEnv(fresh), async url => {
        for (const token of tokens) {
          const headers = { Authorization: `Bearer ${token}` }
          statuses.push((await fetch(realtimeOf(url), { headers })).status)
        }
      })
      expect(run).toMatchObject({ code: 0, stderr: '' })
      expect(statuses).toEqual([200, 200, 401])
    },
  )

  it('exits with 1 when only the previous secret is set', async () => {
    const run = await serve([], { TIDEMARK_TOKEN_SECRET_PREVIOUS: secret })
    expect(run).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'tidemark: TIDEMARK_TOKEN_SECRET_PREVIOUS is set without TIDEMARK_TOKEN_SECRET. Set both.\n',
    })
  })

  it('exits with 1, the option and the remedy when a file is missing', async () => {
    const none = join(makeDirectory(), 'none')
    expect(await serve(['--token-secret-file', none], {})).toEqual({
      code: 1,
      stdout: '',
      stderr:
        `tidemark: --token-secret-file: Cannot read ${none}: the file does not exist. ` +
        `Create it with \`tidemark token --new-secret > ${none}\`.\n`,
    })
    const spaced = `${none} it's`
    expect((await serve(['--token-secret-file', spaced], {})).stderr).toContain(
      `token --new-secret > '${none} it'\\''s'\``,
    )
    const words = ['--token-public-key', none, '--token-algorithm', 'ES256']
    expect((await serve(words, {})).stderr).toBe(
      `tidemark: --token-public-key: Cannot read ${none}: the file does not exist.\n`,
    )
  })

  it('reports a missing secret, country file and directory at once', async () => {
    const words = ['--token-secret-file', 'nope', '--country-file', 'none', '--data', '/dev/null/x']
    const { code, stderr } = await serve(words, {})
    expect(code).toBe(1)
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringContaining('--token-secret-file: Cannot read nope'),
      expect.stringContaining('--country-file: '),
      expect.stringContaining('--data: /dev/null of /dev/null/x is a file'),
    ])
    // The country file alone is a mistake as well.
    const other = await serve(words.slice(2), {})
    expect(other.stderr.trim().split('\n')).toHaveLength(2)
  })

  it('exits with 1 when one of its secrets is too short', async () => {
    const files = [secret, 'hunter2'].flatMap(text => ['--token-secret-file', fileOf(text)])
    const run = await serve(files, {})
    expect(run).toMatchObject({ code: 1, stdout: '' })
    expect(run.stderr).toContain('has 7 bytes; at least 32 are required')
    const variables = { ...env, TIDEMARK_TOKEN_SECRET_PREVIOUS: 'hunter2' }
    expect((await serve([], variables)).stderr).toContain(
      'TIDEMARK_TOKEN_SECRET_PREVIOUS: the secret has 7 bytes',
    )
  })

  it('requires a token for sending with --token-scope write', async () => {
    const words = ['--token-scope', 'read', '--token-scope', 'write']
    const token = async (scope: string): Promise<string> =>
      (await tidemark(['token', '--site', 'shop', '--scope', scope], env)).stdout.trim()
    const tokens = [undefined, await token('read'), await token('write')]
    const statuses: number[] = []
    const run = await serve(words, env, async url => {
      for (const each of tokens) {
        const headers = { ...(each !== undefined && { Authorization: `Bearer ${each}` }) }
        const body = JSON.stringify({ events: [] })
        const init = { method: 'POST', body, headers }
        statuses.push((await fetch(`${url}/api/sites/shop/events`, init)).status)
        statuses.push((await fetch(realtimeOf(url), { headers })).status)
      }
    })
    expect(statuses).toEqual([401, 401, 403, 200, 202, 403])
    expect(run.stdout).toMatch(/^ {2}send {3}with a token; create one with .* --scope write`$/m)
    expect(run.stdout).not.toContain('<script')
  })

  it('requires a token of the key pair with --token-public-key', async () => {
    const { publicKey } = generateKeyPairSync('ed25519')
    const path = fileOf(publicKey.export({ type: 'spki', format: 'pem' }).toString())
    const words = ['--token-public-key', path, '--token-algorithm', 'EdDSA']
    let status = 0
    // With a public key, the server ignores the secret in the environment.
    const run = await serve(
      words,
      env,
      async url => void (status = (await fetch(realtimeOf(url))).status),
    )
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(run.stdout).toContain('read   with a token signed with the private key')
    expect(status).toBe(401)
  })

  it('allows reading to pages of allowed origins only', async () => {
    const statuses: number[] = []
    const words = ['--allowed-origin', 'https://dash.example']
    await serve([...words, '--allowed-origin', 'https://b.example/'], {}, async url => {
      for (const origin of ['https://dash.example', 'https://b.example', 'https://evil.example']) {
        statuses.push((await fetch(realtimeOf(url), { headers: { Origin: origin } })).status)
      }
    })
    expect(statuses).toEqual([200, 200, 403])
  })

  it.each<[string[], string]>([
    [['--token-secret-file', 'a', '--token-public-key', 'b'], 'exclude each other'],
    [['--token-public-key', 'b'], '--token-public-key requires --token-algorithm'],
    [['--token-scope', 'write'], '--token-scope has no effect without --token-secret-file'],
    [['--token-scope', 'admin'], 'Use read or write.'],
    [['--token-algorithm', 'ES256'], '--token-algorithm has no effect without --token-public-key'],
    [['--token-public-key', 'b', '--token-algorithm', 'HS256'], 'Allowed choices are RS256, '],
    [['--allowed-origin', '*'], 'Use a scheme and a host'],
  ])('exits with 2 and the reason for %j', async (words, reason) => {
    const { code, stdout, stderr } = await serve(words, {})
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(reason)
  })

  it('exits with 1 and the reason for an invalid public key, without the content of the file', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    for (const [text, reason] of [
      ['hunter2', /PEM.* JWK/],
      [pem, /ES256/],
      [privatePem, /private/],
    ] as const) {
      const path = fileOf(text)
      const words = ['--token-public-key', path, '--token-algorithm', 'ES256']
      const { code, stdout, stderr } = await serve(words, {})
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain(`tidemark: --token-public-key: ${path}: `)
      expect(stderr).toMatch(reason)
      expect(stderr).not.toMatch(/hunter2|BEGIN/)
    }
  })
})
