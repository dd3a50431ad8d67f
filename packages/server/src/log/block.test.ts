import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Block, createBlockWriter, compress, readBlock, decompress } from './block.ts'

const record = fc.record({
  site: fc.string({ unit: 'binary' }),
  receivedAt: fc.double({ noNaN: true }),
  body: fc.string({ unit: 'binary' }),
  decision: fc.string({ unit: 'binary' }),
})

it('createBlockWriter: encodes records that readBlock returns unchanged', () => {
  fc.assert(
    fc.property(fc.array(fc.array(record)), blocks => {
      const writer = createBlockWriter()
      const drained = blocks.map(records => {
        const sizes = records.map(each => writer.add(each))
        expect(writer.length).toBe(sizes.reduce((sum, size) => sum + size, 0))
        return writer.drain()
      })
      for (const [index, { count, bytes }] of drained.entries()) {
        expect(count).toBe(blocks[index]?.length)
        expect([...readBlock(decompress(compress(bytes)))]).toEqual(blocks[index])
      }
    }),
  )
})

it('createBlockWriter: reuses the memory of a released block', () => {
  const writer = createBlockWriter()
  const drain = (body: string): Block => {
    writer.add({ site: 'shop', receivedAt: 1, body, decision: '{}' })
    return writer.drain()
  }
  const one = drain('one')
  const two = drain('two')
  expect(two.bytes.buffer).not.toBe(one.bytes.buffer)
  writer.release(one)
  const three = drain('three')
  expect(three.bytes.buffer).toBe(one.bytes.buffer)
  expect([...readBlock(two.bytes), ...readBlock(three.bytes)]).toMatchObject([
    { body: 'two' },
    { body: 'three' },
  ])
  // A larger block has a buffer of its own, which is not reused.
  const large = drain('x'.repeat(200_000))
  writer.release(large)
  expect(drain('four').bytes.buffer).not.toBe(large.bytes.buffer)
})

it('decompress: throws for a damaged block, or returns its original bytes', () => {
  const writer = createBlockWriter()
  writer.add({ site: 'shop', receivedAt: 1, body: 'some words '.repeat(50), decision: '{}' })
  const { bytes } = writer.drain()
  const compressed = Buffer.from(compress(bytes))
  let rejected = 0
  for (let bit = 0; bit < compressed.length * 8; bit++) {
    const damaged = Buffer.from(compressed)
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    // A few bits have no meaning, such as the padding of the last byte.
    const read = attempt(() => decompress(damaged))
    if (read) expect(Buffer.compare(read, bytes)).toBe(0)
    else rejected++
  }
  expect(rejected).toBeGreaterThan(compressed.length * 7)
  for (let length = 0; length < compressed.length; length++) {
    expect(attempt(() => decompress(compressed.subarray(0, length)))).toBeUndefined()
  }
})

function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
