import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { parseMetricsQuery } from '../query/parse-query.ts'
import { createTimeZone } from '../rollup/history/time-zone.ts'
import { makeDirectory } from '../testing/directory.ts'
import { runCli } from './program.ts'

const line = '192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "A"\n'

async function run(words: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const { signal } = new AbortController()
  const code = await runCli(words, { command: 'tidemark', stdin, stdout, stderr, signal })
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
}

function logFile(text: string): string {
  const file = join(makeDirectory(), 'access.log')
  writeFileSync(file, text)
  return file
}

it('tidemark import: prints the time range of the log in the format of history queries', async () => {
  const file = logFile(line + line.replace('10:05:03', '10:06:09'))
  const { out } = await run(['import', file, '--site', 'demo', '--data', makeDirectory()])
  const [, from = '', to = ''] = /^Lines .* (\S+) to (\S+)$/m.exec(out) ?? []
  const query = new URLSearchParams({ from, to })
  const always = { second: -Infinity, minute: -Infinity, hour: -Infinity, day: -Infinity }
  const availability = { zone: createTimeZone('UTC'), now: Date.now(), availableFrom: always }
  expect(parseMetricsQuery(query, availability)).toMatchObject({
    ok: true,
    query: { from: Date.UTC(2015, 4, 17, 10, 5), to: Date.UTC(2015, 4, 17, 10, 7) },
  })
})

it('tidemark import: exits with 1 for a missing file, and creates no data directory', async () => {
  const directory = join(makeDirectory(), 'data')
  const words = ['import', '/no/such.log', '--site', 'demo', '--data', directory]
  expect(await run(words)).toEqual({
    code: 1,
    out: '',
    err: 'tidemark: Cannot read /no/such.log: the file does not exist.\n',
  })
  expect(() => readFileSync(join(directory, 'tidemark.db'))).toThrow('ENOENT')
})

it('tidemark import: exits with 1 when no line parses, and with 0 for an empty log', async () => {
  const importText = (text: string) =>
    run(['import', logFile(text), '--site', 'demo', '--data', makeDirectory()])
  const invalid = await importText('These are\nnotes.\n')
  expect(invalid.code).toBe(1)
  expect(invalid.err).toContain('none of its first 2 lines is in a known format (combined, ')
  expect(await importText('')).toMatchObject({ code: 0 })
  expect(await importText(`notes\n${line}`)).toMatchObject({ code: 0 })
})

it('tidemark import: exits with 1 for a directory, and creates no data directory', async () => {
  const [directory, data] = [makeDirectory(), join(makeDirectory(), 'data')]
  expect(await run(['import', directory, '--site', 'demo', '--data', data])).toEqual({
    code: 1,
    out: '',
    err: `tidemark: Cannot read ${directory}: it is a directory.\n`,
  })
  expect(() => readFileSync(join(data, 'tidemark.db'))).toThrow('ENOENT')
})

it('tidemark import: stores the time zone with the first page views, not with a log without any', async () => {
  const data = makeDirectory()
  const importText = (text: string, ...words: string[]) =>
    run(['import', logFile(text), '--site', 'demo', '--data', data, '--json', ...words])
  expect((await importText('These are\nnotes.\n')).code).toBe(1)
  expect((await importText('')).code).toBe(0)
  const berlin = await importText(line, '--time-zone', 'Europe/Berlin')
  expect(berlin).toMatchObject({ code: 0, err: '' })
  const { out } = await importText(line)
  expect(JSON.parse(out)).toMatchObject({ timeZone: 'Europe/Berlin', alreadyImportedLines: 1 })
  const utc = await importText(line, '--time-zone', 'UTC')
  expect(utc.err).toContain("'UTC' is not 'Europe/Berlin', the time zone of the data directory")
})

it('tidemark import: stores the time zone with page views of bots alone', async () => {
  const words = ['--site', 'demo', '--data', makeDirectory()]
  const file = logFile(line.replace('"A"', '"curl/8.0"'))
  expect((await run(['import', file, ...words])).out).toMatch(/of bots +1$/m)
  const { code, err } = await run(['import', file, ...words, '--time-zone', 'Europe/Berlin'])
  expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining("is not 'UTC'") })
})
