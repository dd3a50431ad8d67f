import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'
import { runCli } from './program.ts'
import { InputTooLargeError, spoolInput } from './spool-input.ts'

const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const line = (host: string, path: string): string =>
  `${host} 192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET ${path} HTTP/1.1" 200 1 "-" "${agent}"\n`
const log =
  line('shop.example', '/') + line('shop.example', '/cart') + line('blog.example', '/post')

async function importInput(
  input: Readable,
  data: string,
  words: readonly string[] = [],
  signal = new AbortController().signal,
) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const hosts = ['--host-site', 'shop.example=shop', '--host-site', 'blog.example=blog']
  const code = await runCli(['import', '-', ...hosts, '--data', data, '--json', ...words], {
    ...{ command: 'tidemark', stdin: input, stdout, stderr, signal },
  })
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
}

const resultsOf = (out: string): unknown[] =>
  out
    .trim()
    .split('\n')
    .map((each): unknown => JSON.parse(each))

const copiesIn = (directory: string): string[] =>
  readdirSync(directory).filter(name => name.endsWith('.spool'))

describe('tidemark import: standard input with the requests of several sites', () => {
  it.each([
    ['plain', Buffer.from(log)],
    ['compressed', gzipSync(log)],
  ])('is imported into each site, and leaves no copy: %s', async (_, bytes) => {
    const data = makeDirectory()
    const { code, out, err } = await importInput(Readable.from([bytes]), data)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(resultsOf(out)).toMatchObject([
      { file: '-', site: 'shop', lines: 3, accepted: 2 },
      { file: '-', site: 'blog', lines: 3, accepted: 1 },
    ])
    expect(copiesIn(data)).toEqual([])
  })

  it('is shown in a dry run, which creates no data directory', async () => {
    const data = join(makeDirectory(), 'data')
    const { out } = await importInput(Readable.from([log]), data, ['--dry-run'])
    expect(resultsOf(out)).toMatchObject([
      { site: 'shop', visits: [{ pages: ['/', '/cart'] }] },
      { site: 'blog', visits: [{ pages: ['/post'] }] },
    ])
    expect(existsSync(data)).toBe(false)
  })

  it('leaves no copy when the import fails or is interrupted', async () => {
    const data = makeDirectory()
    const failed = await importInput(Readable.from(['no log\n']), data)
    expect(failed).toMatchObject({ code: 1, err: /^tidemark: Cannot read -: .*format/ })
    const interruption = new AbortController()
    const running = importInput(new PassThrough(), data, [], interruption.signal)
    await expect.poll(() => copiesIn(data)).toHaveLength(1)
    interruption.abort()
    expect(await running).toMatchObject({ code: 130, out: '', err: '' })
    expect(copiesIn(data)).toEqual([])
  })

  it('is refused with the remedy when it cannot be copied', async () => {
    const file = join(makeDirectory(), 'file')
    writeFileSync(file, '')
    expect(await importInput(Readable.from([log]), file)).toMatchObject({
      code: 1,
      err: /^tidemark: Standard input cannot be copied to .*\. Write it to a file, and import the file\.\n$/,
    })
  })
})

describe('spoolInput', () => {
  const { signal } = new AbortController()

  it('writes a file that no other user can read, and removes it', async () => {
    const directory = makeDirectory()
    const { path, remove } = await spoolInput(Readable.from([log]), directory, { signal })
    expect(statSync(path)).toMatchObject({ size: log.length })
    expect(statSync(path).mode & 0o077).toBe(0)
    await remove()
    expect(readdirSync(directory)).toEqual([])
  })

  it('refuses an input above its bound, and leaves nothing', async () => {
    const directory = makeDirectory()
    const spool = (maxBytes: number) =>
      spoolInput(Readable.from(['1234', '5678']), directory, { signal, maxBytes })
    await expect(spool(7)).rejects.toThrow(InputTooLargeError)
    expect(readdirSync(directory)).toEqual([])
    expect(statSync((await spool(8)).path).size).toBe(8)
  })

  it('deletes copies that are older than a day, and no other files', async () => {
    const directory = makeDirectory()
    const old = new Date(Date.now() - 25 * 3_600_000)
    for (const name of ['import-a.spool', 'import-b.spool', 'tidemark.db']) {
      writeFileSync(join(directory, name), '')
      if (name !== 'import-b.spool') utimesSync(join(directory, name), old, old)
    }
    const { remove } = await spoolInput(Readable.from([log]), directory, { signal })
    await remove()
    expect(readdirSync(directory).toSorted()).toEqual(['import-b.spool', 'tidemark.db'])
  })
})
