import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { openAccessLog } from './open-log.ts'
import { readFormat } from './read-format.ts'

const line = '192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "A"'

async function openText(...chunks: string[]) {
  const stdin = new PassThrough()
  const log = await openAccessLog('-', { stdin })
  for (const chunk of chunks) stdin.write(chunk)
  return { stdin, log }
}

async function readTexts(lines: AsyncIterable<Iterable<{ text: string | undefined }>>) {
  const texts: (string | undefined)[] = []
  for await (const group of lines) for (const { text } of group) texts.push(text)
  return texts
}

describe('readFormat', () => {
  it('returns all lines, also those that show the format', async () => {
    const { stdin, log } = await openText('notes\n\n', `${line}\n`)
    stdin.end(`${line}\nend`)
    const { log: readable, format } = await readFormat(log)
    expect(format).toMatchObject({ formats: [{ name: 'combined' }], example: { line: 3 } })
    expect(await readTexts(readable.lines)).toEqual(['notes', '', line, line, 'end'])
  })

  it('does not wait for more than one line, because a log may grow slowly', async () => {
    const { stdin, log } = await openText(`${line}\n`)
    const { format, log: readable } = await readFormat(log)
    expect(format?.example.entry.client).toBe('192.0.2.7')
    stdin.end(`${line}\n`)
    expect(await readTexts(readable.lines)).toEqual([line, line])
  })

  it('refuses a log after 1,000 lines of another format, without reading on', async () => {
    const { stdin, log } = await openText('notes\n'.repeat(1000))
    await expect(readFormat(log)).rejects.toThrow(
      /^none of its first 1000 lines is in a known format/,
    )
    expect(stdin.readableEnded).toBe(false)
    stdin.destroy()
  })

  it('reads an empty log, and one with directives alone', async () => {
    for (const text of ['', '\n\n', '#Version: 1.0\n']) {
      const { stdin, log } = await openText(text)
      stdin.end()
      expect((await readFormat(log)).format).toBeUndefined()
    }
  })

  it('throws an error of the log after the lines before it', async () => {
    const { stdin, log } = await openText(`${line}\n`)
    const { log: readable } = await readFormat(log)
    const texts = readTexts(readable.lines)
    stdin.destroy(new Error('the disk is gone'))
    await expect(texts).rejects.toThrow('the disk is gone')
    const broken = await openText('')
    broken.stdin.destroy(new Error('the disk is gone'))
    const { format, log: unread } = await readFormat(broken.log)
    expect(format).toBeUndefined()
    await expect(readTexts(unread.lines)).rejects.toThrow('the disk is gone')
  })
})
