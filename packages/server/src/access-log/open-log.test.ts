import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AccessLog, openAccessLog } from './open-log.ts'

const text = Array.from({ length: 5000 }, (_, i) => `line ${i} ${Math.sin(i)}\n`).join('')
const lines = text.trimEnd().split('\n')

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidemark-log-'))
})
afterAll(() => rm(directory, { recursive: true }))

async function fileOf(name: string, bytes: string | Buffer): Promise<string> {
  const path = join(directory, name)
  await writeFile(path, bytes)
  return path
}

/** Returns the text of all lines, and the error that ended reading early, if any. */
async function readAll(log: AccessLog): Promise<{ read: (string | undefined)[]; error?: unknown }> {
  const read: (string | undefined)[] = []
  try {
    for await (const batch of log.lines) for (const line of batch) read.push(line.text)
    return { read }
  } catch (error) {
    return { read, error }
  }
}

describe('openAccessLog', () => {
  it('reads a plain file and counts the bytes of each line', async () => {
    const log = await openAccessLog(await fileOf('plain.log', text))
    expect(log.totalBytes).toBe(text.length)
    const consumed: number[] = []
    for await (const some of log.lines) {
      for (const line of some) if (line.number <= 2) consumed.push(log.consumedBytes())
    }
    const first = `${lines[0]}\n`.length
    expect(consumed).toEqual([first, first + `${lines[1]}\n`.length])
    expect(log.consumedBytes()).toBe(text.length)
  })

  it('detects gzip by its first bytes, not by the file name', async () => {
    const packed = gzipSync(text)
    const log = await openAccessLog(await fileOf('packed.log', packed))
    expect(await readAll(log)).toEqual({ read: lines })
    expect(log.totalBytes).toBe(packed.length)
    expect(log.consumedBytes()).toBe(packed.length)
    const named = await openAccessLog(await fileOf('plain.gz', text))
    expect(await readAll(named)).toEqual({ read: lines })
  })

  it('reads several gzip members as one log', async () => {
    const middle = text.indexOf('5', 20_000)
    const members = [gzipSync(text.slice(0, middle)), gzipSync(text.slice(middle))]
    const log = await openAccessLog(await fileOf('members.gz', Buffer.concat(members)))
    expect(await readAll(log)).toEqual({ read: lines })
  })

  it('yields the lines before a truncation of gzip data, then throws', async () => {
    const packed = gzipSync(text)
    const log = await openAccessLog(await fileOf('cut.gz', packed.subarray(0, packed.length / 2)))
    const { read, error } = await readAll(log)
    expect(read.length).toBeGreaterThan(2000)
    expect(read).toEqual(lines.slice(0, read.length))
    expect(error).toMatchObject({ code: 'Z_BUF_ERROR' })
  })

  it('throws the error of corrupt gzip data', async () => {
    const packed = gzipSync(text)
    packed.fill(0xff, packed.length / 2, packed.length / 2 + 50)
    const log = await openAccessLog(await fileOf('damaged.gz', packed))
    expect((await readAll(log)).error).toMatchObject({ code: 'Z_DATA_ERROR' })
  })

  it('reads standard input for -, plain or gzip, also byte by byte', async () => {
    for (const bytes of [Buffer.from(text.slice(0, 300)), gzipSync(text.slice(0, 300))]) {
      const stdin = new PassThrough()
      const log = await openAccessLog('-', { stdin })
      for (const byte of bytes) stdin.write(Buffer.of(byte))
      stdin.end()
      const { read } = await readAll(log)
      expect(read.join('\n')).toBe(text.slice(0, 300))
      expect(log.totalBytes).toBeUndefined()
    }
  })

  it.each([
    ['bzip2', 'BZh91AY&SY'],
    ['xz', '\xfd7zXZ\0'],
    ['zstd', '\x28\xb5\x2f\xfd'],
  ])('refuses a file that is compressed with %s', async (compression, start) => {
    const log = await openAccessLog(await fileOf(compression, Buffer.from(start, 'latin1')))
    const { error } = await readAll(log)
    expect(String(error)).toContain(`it is compressed with ${compression}. Unpack it`)
  })

  it('reads an empty file and a file of one byte', async () => {
    expect(await readAll(await openAccessLog(await fileOf('empty.log', '')))).toEqual({ read: [] })
    const single = await openAccessLog(await fileOf('single.log', 'x'))
    expect(await readAll(single)).toEqual({ read: ['x'] })
  })

  it('rejects when the file does not exist, and for a directory', async () => {
    await expect(openAccessLog(join(directory, 'none'))).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(openAccessLog(directory)).rejects.toMatchObject({ code: 'EISDIR' })
  })

  it('stops waiting for idle input when the signal is aborted', async () => {
    const stop = new AbortController()
    const log = await openAccessLog('-', { stdin: new PassThrough(), signal: stop.signal })
    const reading = readAll(log)
    stop.abort()
    expect((await reading).error).toMatchObject({ name: 'AbortError' })
  })
})
