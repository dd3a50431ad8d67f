import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'
import { createTestServer } from '../testing/server.ts'
import { secret } from '../testing/token.ts'
import { exitCodes } from './context.ts'
import { runCli } from './program.ts'

const notBuilt = Object.assign(new Error('not built'), { code: 'ENOENT' })
const line = '192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "A"\n'

interface Files {
  /** Data directory with the site `shop`. */
  data: string
  /** Path that does not exist. */
  missing: string
  log: string
  secret: string
  backup: string
  /** Path for the restored data directory. */
  restored: string
  /** URL of the API of a server with the site `shop`. */
  api: string
}

async function makeFiles(): Promise<Files> {
  const directory = makeDirectory()
  const [data, log, secretFile, backup] = ['data', 'a.log', 'secret', 'backup.db'].map(name =>
    join(directory, name),
  ) as [string, string, string, string]
  writeFileSync(log, line)
  writeFileSync(secretFile, secret)
  const server = createTestServer({ sites: ['shop'], storage: { dataDir: data } })
  await server.send({ name: 'page_view', visitorId: 'one', url: 'https://shop.example/' })
  await server.tidemark.close()
  const { tidemark } = createTestServer({ sites: ['shop'] })
  const { url } = await tidemark.listen({ port: 0 })
  const [missing, restored] = [join(directory, 'missing'), join(directory, 'restored')]
  return { data, missing, restored, log, secret: secretFile, backup, api: `${url}/api` }
}

/** Runs a command until it ends; `serve` is interrupted when it runs. */
async function run(
  words: readonly string[],
  tracker = true,
): Promise<{ code: number; out: string; err: string }> {
  const interruption = new AbortController()
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  let out = ''
  stdout.on('data', (chunk: Buffer) => {
    out += String(chunk)
    if (String(chunk).includes('runs at')) interruption.abort()
  })
  const code = await runCli(words, {
    ...{ command: 'tidemark', stdin: Readable.from([]), stdout, stderr },
    ...{ cwd: makeDirectory(), signal: interruption.signal },
    readBuilt: () => (tracker ? Promise.resolve('/* tracker */') : Promise.reject(notBuilt)),
  })
  return { code, out, err: await text(stderr.end()) }
}

/** A command line for each exit code. Where a code is left out, the command has no such end. */
const commands: Record<string, Partial<Record<0 | 1 | 2, (files: Files) => string[]>>> = {
  serve: {
    0: ({ data }) => ['--port', '0', '--data', data],
    1: ({ log }) => ['--port', '0', '--data', log],
    2: () => ['--port', 'x'],
  },
  check: { 0: () => ['--port', '0'], 2: () => ['--session-gap', '2d', '--port', '0'] },
  replay: {
    0: ({ log, api }) => [log, '--site', 'shop', '--url', api],
    1: ({ missing, api }) => [missing, '--site', 'shop', '--url', api],
    2: ({ log }) => [log],
  },
  import: {
    0: ({ log, data }) => [log, '--site', 'shop', '--data', data],
    1: ({ missing, data }) => [missing, '--site', 'shop', '--data', data],
    2: ({ log }) => [log],
  },
  backup: {
    0: ({ data, backup }) => ['--data', data, '--to', backup],
    1: ({ missing, backup }) => ['--data', missing, '--to', backup],
    2: () => [],
  },
  restore: {
    0: ({ backup, restored }) => ['--from', backup, '--data', restored],
    1: ({ log, missing }) => ['--from', log, '--data', missing],
    2: () => [],
  },
  export: {
    0: ({ data }) => ['--site', 'shop', '--data', data],
    1: ({ missing }) => ['--site', 'shop', '--data', missing],
    2: ({ data }) => ['--site', 'shop', '--data', data, '--granularity', 'week'],
  },
  forget: {
    0: ({ data }) => ['--site', 'shop', '--data', data, '--visitor', 'one'],
    1: ({ missing }) => ['--site', 'shop', '--data', missing, '--visitor', 'one'],
    2: ({ data }) => ['--site', 'shop', '--data', data],
  },
  token: {
    0: ({ secret: file }) => ['--site', 'shop', '--secret-file', file],
    1: ({ missing }) => ['--site', 'shop', '--secret-file', missing],
    2: () => ['--scope', 'all'],
  },
  tag: {
    0: () => ['--site', 'shop', '--url', 'https://stats.example'],
    1: () => ['--site', 'shop', '--url', 'https://stats.example'],
    2: () => ['--site', 'shop'],
  },
}

describe('Exit codes', () => {
  it('are 0 for success, 1 for a failure and 2 for an invalid command line, in each command', async () => {
    const files = await makeFiles()
    const ends: Record<string, unknown> = {}
    const expected: Record<string, unknown> = {}
    for (const [name, byCode] of Object.entries(commands)) {
      for (const [code, words] of Object.entries(byCode)) {
        const result = await run([name, ...words(files)], code === '0')
        // A success may have notes; an end with another code says why.
        ends[`${name} ${code}`] = {
          code: result.code,
          hasReason: code === '0' || result.err !== '',
        }
        expected[`${name} ${code}`] = {
          code: Number(code),
          hasReason: name !== 'check' || code === '0',
        }
      }
    }
    expect(ends).toEqual(expected)
  }, 30_000)

  it('are in the help of each command', async () => {
    const { code, out } = await run(['--help'])
    const listed = [...out.matchAll(/^ {2}([a-z]+) (?:\[options\] )?.*? {2}/gm)].map(
      ([, name]) => name,
    )
    expect({ code, listed }).toEqual({ code: 0, listed: [...Object.keys(commands), 'help'] })
    for (const [name, byCode] of Object.entries(commands)) {
      const [, codes = ''] = (await run([name, '--help'])).out.split('Exit codes: ')
      for (const each of Object.keys(byCode)) expect(codes, name).toMatch(new RegExp(`\\b${each} `))
    }
  })

  it('are documented', () => {
    const page = new URL('../../../../docs/configuration.md', import.meta.url)
    const [, section = ''] = readFileSync(page, 'utf8').split('## Exit codes\n')
    const documented = [...section.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code))
    expect(documented).toEqual(Object.values(exitCodes))
  })
})
