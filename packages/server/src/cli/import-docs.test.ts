import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { parseMetricsQuery } from '../query/parse-query.ts'
import { createTimeZone } from '../rollup/history/time-zone.ts'
import { makeDirectory } from '../testing/directory.ts'
import { runCli } from './program.ts'

/** What docs/import.md says is what the command does. */
const doc = readFileSync(new URL('../../../../docs/import.md', import.meta.url), 'utf8')
const commands = [...doc.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, text = '']) =>
  text.trim().split('\n'),
)
const line = '192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "A"\n'

async function run(words: readonly string[]): Promise<{ code: number; out: string; err: unknown }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const stdin = Readable.from([Buffer.from(line)])
  const { signal } = new AbortController()
  const code = await runCli(words, { command: 'tidemark', stdin, stdout, stderr, signal })
  return { code, out: String(stdout.read()), err: stderr.read() }
}

describe('docs/import.md', () => {
  it.each(commands)('shows a command that runs: %s', async command => {
    const [, words = ''] = /tidemark (import .*)$/.exec(command) ?? []
    const directory = makeDirectory()
    const file = join(directory, 'access.log')
    writeFileSync(file, line)
    const given = words.split(' ').map(word => (word === 'access.log' ? file : word))
    const { code, err } = await run([...given, '--data', join(directory, 'data')])
    expect({ code, err }).toEqual({ code: 0, err: null })
  })

  it('lists each option', async () => {
    const { out } = await run(['import', '--help'])
    const options = [...out.matchAll(/^ +(--[a-z-]+)/gm)].map(([, name]) => name)
    const listed = [...doc.matchAll(/^\| `(--[a-z-]+)/gm)].map(([, name]) => name)
    expect(listed).toEqual(options)
  })
})

it('names the range of the log as history takes it', async () => {
  const file = join(makeDirectory(), 'access.log')
  writeFileSync(file, line + line.replace('10:05:03', '10:06:09'))
  const words = ['import', file, '--site', 'demo', '--data', makeDirectory()]
  const { out } = await run(words)
  const [, from = '', to = ''] = /^Lines .* (\S+) to (\S+)$/m.exec(out) ?? []
  const query = new URLSearchParams({ from, to })
  const always = { second: -Infinity, minute: -Infinity, hour: -Infinity, day: -Infinity }
  const availability = { zone: createTimeZone('UTC'), now: Date.now(), availableFrom: always }
  expect(parseMetricsQuery(query, availability)).toMatchObject({
    ok: true,
    query: { from: Date.UTC(2015, 4, 17, 10, 5), to: Date.UTC(2015, 4, 17, 10, 7) },
  })
})

it('says that there is no such log, and makes no data directory', async () => {
  const directory = join(makeDirectory(), 'data')
  const words = ['import', '/no/such.log', '--site', 'demo', '--data', directory]
  const { code, err } = await run(words)
  expect(code).toBe(1)
  expect(String(err)).toBe('tidemark: Cannot read /no/such.log: there is no such file.\n')
  expect(() => readFileSync(join(directory, 'tidemark.db'))).toThrow('ENOENT')
})

it('ends with 1 where nothing is a line of a log, and with 0 where there is none', async () => {
  const importText = async (text: string) => {
    const file = join(makeDirectory(), 'access.log')
    writeFileSync(file, text)
    return await run(['import', file, '--site', 'demo', '--data', makeDirectory()])
  }
  const none = await importText('These are\nnotes.\n')
  expect(none.code).toBe(1)
  expect(String(none.err)).toContain('is a line of an access log in Common or Combined Log Format.')
  expect(await importText('')).toMatchObject({ code: 0 })
  expect(await importText(`notes\n${line}`)).toMatchObject({ code: 0 })
})
