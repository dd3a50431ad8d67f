import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Block, createBlockWriter, compress, readBlock, decompress } from './block.ts'

const record = fc.record({
  site: fc.string({ unit: 'binary' }),
  receivedAt: fc.double({ noNaN: true }),
  body: fc.string({ unit: 'binary' }),
  decision: fc.string({ unit: 'binary' }),
})

it('gives back the records of each block, as they were', () => {
  fc.assert(
    fc.property(fc.array(fc.array(record)), blocks => {
      const writer = createBlockWriter()
      const taken = blocks.map(records => {
        const sizes = records.map(each => writer.add(each))
        expect(writer.length).toBe(sizes.reduce((sum, size) => sum + size, 0))
        return writer.drain()
      })
      for (const [index, { count, bytes }] of taken.entries()) {
        expect(count).toBe(blocks[index]?.length)
        expect([...readBlock(decompress(compress(bytes)))]).toEqual(blocks[index])
      }
    }),
  )
})

it('has the next block where one was, once nobody reads that any more', () => {
  const writer = createBlockWriter()
  const take = (body: string): Block => {
    writer.add({ site: 'shop', receivedAt: 1, body, decision: '{}' })
    return writer.drain()
  }
  const one = take('one')
  const two = take('two')
  expect(two.bytes.buffer).not.toBe(one.bytes.buffer)
  writer.release(one)
  const three = take('three')
  expect(three.bytes.buffer).toBe(one.bytes.buffer)
  expect([...readBlock(two.bytes), ...readBlock(three.bytes)]).toMatchObject([
    { body: 'two' },
    { body: 'three' },
  ])
  // One that needs more has it for itself.
  const large = take('x'.repeat(200_000))
  writer.release(large)
  expect(take('four').bytes.buffer).not.toBe(large.bytes.buffer)
})

it('reads a block that is damaged as it was, or not at all', () => {
  const writer = createBlockWriter()
  writer.add({ site: 'shop', receivedAt: 1, body: 'some words '.repeat(50), decision: '{}' })
  const { bytes } = writer.drain()
  const packed = Buffer.from(compress(bytes))
  let refused = 0
  for (let bit = 0; bit < packed.length * 8; bit++) {
    const damaged = Buffer.from(packed)
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    // A few bits mean nothing, such as those that fill up the last byte.
    const read = attempt(() => decompress(damaged))
    if (read) expect(Buffer.compare(read, bytes)).toBe(0)
    else refused++
  }
  expect(refused).toBeGreaterThan(packed.length * 7)
  for (let at = 0; at < packed.length; at++) {
    expect(attempt(() => decompress(packed.subarray(0, at)))).toBeUndefined()
  }
})

function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
