import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createTokens } from '../guard/tokens.ts'
import { createManualClock } from '../testing/clock.ts'
import { makeDirectory } from '../testing/directory.ts'
import { secret } from '../testing/token.ts'
import { runCli } from './program.ts'

interface Run {
  code: number
  stdout: string
  stderr: string
}

/** @param onWelcome called when a server says what runs where, before it is closed */
async function tidemark(
  words: readonly string[],
  env: Record<string, string> = {},
  onWelcome?: (url: string) => Promise<void>,
): Promise<Run> {
  const interruption = new AbortController()
  const said = { stdout: '', stderr: '' }
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()))
  let asked: Promise<void> | undefined
  stdout.on('data', (chunk: Buffer) => {
    said.stdout += chunk.toString()
    const [, url] = /runs at (\S+)/.exec(said.stdout) ?? []
    if (url === undefined || asked) return
    asked = (onWelcome?.(url) ?? Promise.resolve()).finally(() => interruption.abort())
  })
  const { signal } = interruption
  const stdin = Readable.from([])
  const code = await runCli(words, { command: 'tidemark', env, stdin, stdout, stderr, signal })
  await asked
  return { code, ...said }
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
  it('prints a token that reads a site for a day, and nothing else', async () => {
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
    [['--site', 'shop', '--scope', 'read', '--scope', 'write'], { scope: 'read write' }],
  ])('says what %j asks for', async (words, claims) => {
    const { stdout } = await tidemark(['token', ...words], env)
    expect(claimsOf(stdout)).toMatchObject(claims)
  })

  it.each([
    ['90s', 90],
    ['15m', 900],
    ['12h', 43_200],
    ['30d', 2_592_000],
  ])('is good for %s', async (time, seconds) => {
    const { stdout } = await tidemark(['token', '--site', 'shop', '--expires-in', time], env)
    const { iat, exp } = claimsOf(stdout)
    expect(Number(exp) - Number(iat)).toBe(seconds)
  })

  it('is good for ever only when that is said', async () => {
    const { stdout } = await tidemark(['token', '--site', 'shop', '--expires-in', 'never'], env)
    expect(claimsOf(stdout)).not.toHaveProperty('exp')
  })

  it('takes the secret from a file, whose last line break is not part of it, before the environment', async () => {
    const words = ['token', '--site', 'shop', '--secret-file', fileOf(`${secret}\r\n`)]
    const other = { TIDEMARK_TOKEN_SECRET: 'x'.repeat(32) }
    const { stdout } = await tidemark(words, other)
    const tokens = createTokens({ secret }, createManualClock(Date.now()))
    expect(await tokens.check(stdout.trim(), 'shop', 'read')).toHaveProperty('expiresAt')
  })

  it('prints a secret that is new each time and long enough', async () => {
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
    [['token'], 'Say with --site which site the token is for.'],
    [
      ['token', '--site', 'shop'],
      'Say with --secret-file where the secret is, or set TIDEMARK_TOKEN_SECRET.',
    ],
    [['token', '--site', 'a b'], "'a b' is invalid. A site is named"],
    [['token', '--site', 'shop', '--scope', 'admin'], 'It takes read or write.'],
    [['token', '--site', 'shop', '--expires-in', '30'], 'It takes a whole number of s, m, h or d'],
    [
      ['token', '--site', 'shop', '--expires-in', '0s'],
      'of at least 1 and at most a hundred years',
    ],
    [['token', '--site', 'shop', '--expires-in', '07d'], 'It takes a whole number of s, m, h or d'],
    [['token', '--site', 'shop', '--expires-in', '-1d'], 'It takes a whole number of s, m, h or d'],
    [['token', '--site', 'shop', '--expires-in', '99999d'], 'at most a hundred years'],
  ])('ends %j with 2 and says why', async (words, reason) => {
    const { code, stdout, stderr } = await tidemark(words)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(reason)
  })

  it('ends with 1 and one sentence, without the secret, when that is no good', async () => {
    const none = join(makeDirectory(), 'none')
    const missing = await tidemark(['token', '--site', 'shop', '--secret-file', none])
    expect(missing).toEqual({
      code: 1,
      stdout: '',
      stderr: `tidemark: Cannot read ${none}: there is no such file.\n`,
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
          'tidemark: The secret in the variable TIDEMARK_TOKEN_SECRET has 7 bytes; it takes at least 32. ' +
          'Make one with `tidemark token --new-secret > token-secret`.\n',
      })
    }
    const empty = await tidemark(['token', '--site', 'shop'], { TIDEMARK_TOKEN_SECRET: '' })
    expect(empty.stderr).toContain('has 0 bytes')
  })
})

describe('tidemark serve', () => {
  const at = (url: string): string => `${url}/api/sites/shop/realtime`
  const serve = (
    words: readonly string[],
    given: Record<string, string>,
    onWelcome?: (url: string) => Promise<void>,
  ): Promise<Run> =>
    tidemark(
      ['serve', '--port', '0', '--data', makeDirectory(), '--site', 'shop', ...words],
      given,
      onWelcome,
    )

  it.each([
    ['a file', () => ['--token-secret-file', fileOf(`${secret}\n`)], {}],
    ['the environment', () => [], env],
  ])(
    'lets in who has a token of its secret, from %s, and never says it',
    async (_, toWords, given) => {
      const token = (await tidemark(['token', '--site', 'shop'], env)).stdout.trim()
      const statuses: number[] = []
      const run = await serve(toWords(), given, async url => {
        const headers = { Authorization: `Bearer ${token}` }
        for (const init of [{}, { headers }]) statuses.push((await fetch(at(url), init)).status)
        const body = JSON.stringify({ events: [] })
        const sent = await fetch(`${url}/api/sites/shop/events`, { method: 'POST', body })
        statuses.push(sent.status)
      })
      expect(run).toMatchObject({ code: 0, stderr: '' })
      expect(statuses).toEqual([401, 200, 202])
      expect(run.stdout).toMatch(/^ {2}reads {2}who has a token: `tidemark token --site shop/m)
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
    'lets in who has a token of the secret, or of the one before it, from %s',
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
          statuses.push((await fetch(at(url), { headers })).status)
        }
      })
      expect(run).toMatchObject({ code: 0, stderr: '' })
      expect(statuses).toEqual([200, 200, 401])
    },
  )

  it('ends with 1 where the secret before is all that there is', async () => {
    const run = await serve([], { TIDEMARK_TOKEN_SECRET_PREVIOUS: secret })
    expect(run).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'tidemark: TIDEMARK_TOKEN_SECRET_PREVIOUS is set, and TIDEMARK_TOKEN_SECRET is not.\n',
    })
  })

  it('ends with 1 when any of its secrets is too short', async () => {
    const files = [secret, 'hunter2'].flatMap(text => ['--token-secret-file', fileOf(text)])
    const run = await serve(files, {})
    expect(run).toMatchObject({ code: 1, stdout: '' })
    expect(run.stderr).toContain('has 7 bytes; it takes at least 32')
    const given = { ...env, TIDEMARK_TOKEN_SECRET_PREVIOUS: 'hunter2' }
    expect((await serve([], given)).stderr).toContain('TIDEMARK_TOKEN_SECRET_PREVIOUS has 7 bytes')
  })

  it('asks who sends for a token, too, when that is said', async () => {
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
        statuses.push((await fetch(at(url), { headers })).status)
      }
    })
    expect(statuses).toEqual([401, 401, 403, 200, 202, 403])
    expect(run.stdout).toMatch(/^ {2}sends {2}who has a token: .* --scope write` makes one$/m)
    expect(run.stdout).not.toContain('<script')
  })

  it('lets in who has a token of a key whose public half it knows', async () => {
    const { publicKey } = generateKeyPairSync('ed25519')
    const path = fileOf(publicKey.export({ type: 'spki', format: 'pem' }).toString())
    const words = ['--token-public-key', path, '--token-algorithm', 'EdDSA']
    let status = 0
    // The secret in the environment is for other commands then.
    const run = await serve(words, env, async url => void (status = (await fetch(at(url))).status))
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(run.stdout).toContain('reads  who has a token that was signed with the private half')
    expect(status).toBe(401)
  })

  it('lets pages of an allowed origin read, and no others', async () => {
    const statuses: number[] = []
    const words = ['--allowed-origin', 'https://dash.example']
    await serve([...words, '--allowed-origin', 'https://b.example/'], {}, async url => {
      for (const origin of ['https://dash.example', 'https://b.example', 'https://evil.example']) {
        statuses.push((await fetch(at(url), { headers: { Origin: origin } })).status)
      }
    })
    expect(statuses).toEqual([200, 200, 403])
  })

  it.each<[string[], string]>([
    [['--token-secret-file', 'a', '--token-public-key', 'b'], 'a secret or a public key'],
    [['--token-public-key', 'b'], 'Say with --token-algorithm how'],
    [['--token-scope', 'write'], '--token-scope goes with --token-secret-file'],
    [['--token-scope', 'admin'], 'It takes read or write.'],
    [['--token-algorithm', 'ES256'], '--token-algorithm goes with --token-public-key'],
    [['--token-public-key', 'b', '--token-algorithm', 'HS256'], 'Allowed choices are RS256, '],
    [['--allowed-origin', '*'], 'It takes a scheme and a host'],
  ])('ends %j with 2 and says why', async (words, reason) => {
    const { code, stdout, stderr } = await serve(words, {})
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(reason)
  })

  it('ends with 1 and says what is wrong with a public key, but not what is in the file', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    for (const [text, reason] of [
      ['hunter2', 'is neither a PEM nor a JWK. It is read from '],
      [pem, 'is not one for ES256. It is read from '],
      [privatePem, 'is a private one. Give its public half. It is read from '],
    ] as const) {
      const words = ['--token-public-key', fileOf(text), '--token-algorithm', 'ES256']
      const { code, stdout, stderr } = await serve(words, {})
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain(`tidemark: The public key of the tokens ${reason}`)
      expect(stderr).not.toMatch(/hunter2|BEGIN/)
    }
  })
})
