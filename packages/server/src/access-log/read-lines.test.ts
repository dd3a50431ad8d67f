import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Line, readLines } from './read-lines.ts'

async function* chunksOf(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let start = 0
  for (const size of sizes) {
    yield bytes.subarray(start, start + size)
    start += size
  }
  yield bytes.subarray(start)
}

async function linesOf(text: string | Buffer, maxLineBytes?: number): Promise<Line[]> {
  return collect(readLines(chunksOf(Buffer.from(text), []), maxLineBytes))
}

async function collect(lines: AsyncIterable<readonly Line[]>): Promise<Line[]> {
  const all: Line[] = []
  for await (const some of lines) all.push(...some)
  return all
}

describe('readLines', () => {
  it('ends a line at LF, at CRLF and at the end of the input', async () => {
    expect(await linesOf('a\r\nb\n\nc')).toEqual([
      { number: 1, text: 'a', endByte: 3 },
      { number: 2, text: 'b', endByte: 5 },
      { number: 3, text: '', endByte: 6 },
      { number: 4, text: 'c', endByte: 7 },
    ])
  })

  it('yields no empty line after the last terminator, and no line for empty input', async () => {
    expect(await linesOf('a\n')).toHaveLength(1)
    expect(await linesOf('')).toEqual([])
  })

  it('yields a line over the limit without text, and continues after it', async () => {
    const lines = await linesOf(`12345678\n${'x'.repeat(9)}\nafter\n`, 8)
    expect(lines.map(line => line.text)).toEqual(['12345678', undefined, 'after'])
    expect(lines.at(-1)?.endByte).toBe(25)
  })

  it('bounds the memory of a line that never ends', async () => {
    const chunk = Buffer.alloc(1 << 20, 'x')
    async function* endless(): AsyncGenerator<Buffer> {
      for (let i = 0; i < 512; i++) yield chunk
    }
    const before = process.memoryUsage().arrayBuffers
    const lines = await collect(readLines(endless()))
    expect(lines).toEqual([{ number: 1, text: undefined, endByte: 512 << 20 }])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20)
  })

  it('decodes invalid UTF-8 as U+FFFD, and drops a byte order mark', async () => {
    const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xff, 0x62, 0x0a, 0xc3, 0xa9])
    expect((await linesOf(bytes)).map(line => line.text)).toEqual(['a\uFFFDb', 'é'])
  })

  it('yields the same lines for every division of the input into chunks', async () => {
    const piece = fc.constantFrom('a', 'é', '\r', '\n', '\r\n', 'long enough', '')
    await fc.assert(
      fc.asyncProperty(fc.array(piece), fc.array(fc.nat(4)), async (pieces, sizes) => {
        const bytes = Buffer.from(pieces.join(''))
        const cut = await collect(readLines(chunksOf(bytes, sizes), 8))
        expect(cut).toEqual(await linesOf(bytes, 8))
      }),
    )
  })
})
