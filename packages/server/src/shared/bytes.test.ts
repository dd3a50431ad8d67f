import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createByteReader, createByteWriter } from './bytes.ts'

const wellFormedText = fc.string({ unit: 'binary' })

const value = fc.oneof(
  fc.record({ kind: fc.constant('uint' as const), value: fc.maxSafeNat() }),
  fc.record({
    kind: fc.constant('int' as const),
    value: fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 }),
  }),
  fc.record({ kind: fc.constant('float' as const), value: fc.double() }),
  fc.record({ kind: fc.constant('text' as const), value: wellFormedText }),
  fc.record({ kind: fc.constant('bytes' as const), value: fc.uint8Array() }),
)

type Value = typeof value extends fc.Arbitrary<infer Each> ? Each : never

function write(values: readonly Value[], capacity?: number): Uint8Array {
  const writer = createByteWriter(capacity)
  for (const each of values) {
    if (each.kind === 'uint') writer.uint(each.value)
    else if (each.kind === 'int') writer.int(each.value)
    else if (each.kind === 'float') writer.float(each.value)
    else if (each.kind === 'text') writer.text(each.value)
    else writer.bytes(each.value)
  }
  return writer.finish()
}

describe('ByteWriter and ByteReader', () => {
  it('return the written values in the same order', () => {
    fc.assert(
      fc.property(fc.array(value), values => {
        const reader = createByteReader(write(values, 1))
        for (const each of values) {
          const read = reader[each.kind]()
          expect(read instanceof Uint8Array ? [...read] : read).toEqual(
            each.value instanceof Uint8Array ? [...each.value] : each.value,
          )
        }
        expect(reader.isAtEnd).toBe(true)
      }),
    )
  })

  it.each(['éé', '€a€a', 'a😀', '😀😀', 'aaa€', '€'.repeat(500)])(
    'preserve a text with multi-byte characters: %s',
    text => {
      const writer = createByteWriter()
      writer.text(text)
      writer.text('after')
      const reader = createByteReader(writer.finish())
      expect([reader.text(), reader.text(), reader.isAtEnd]).toEqual([text, 'after', true])
    },
  )

  it('preserve a byte order mark at the start of a text', () => {
    const writer = createByteWriter()
    writer.text('\ufeffone')
    expect(createByteReader(writer.finish()).text()).toBe('\ufeffone')
  })

  it('reuse a cleared writer without changing earlier output', () => {
    const writer = createByteWriter(1)
    writer.text('one')
    const one = writer.finish()
    writer.clear()
    expect(writer.length).toBe(0)
    writer.uint(300)
    expect(writer.length).toBe(2)
    expect(createByteReader(writer.finish()).uint()).toBe(300)
    expect(createByteReader(one).text()).toBe('one')
  })

  it('throw a RangeError when the bytes are truncated', () => {
    fc.assert(
      fc.property(value, fc.nat(), (each, cut) => {
        const bytes = write([each])
        const reader = createByteReader(bytes.subarray(0, cut % bytes.length))
        expect(() => reader[each.kind]()).toThrow(RangeError)
      }),
    )
  })

  it('encode an integer below 128 in one byte, and one below 16,384 in two', () => {
    const sizeOf = (number: number): number => {
      const writer = createByteWriter()
      writer.uint(number)
      return writer.finish().length
    }
    expect([0, 127, 128, 16_383, 16_384].map(sizeOf)).toEqual([1, 1, 2, 2, 3])
    expect(sizeOf(Number.MAX_SAFE_INTEGER)).toBe(8)
  })

  it('return a copy from finish', () => {
    const writer = createByteWriter()
    writer.uint(1)
    const before = writer.finish()
    writer.uint(2)
    expect([...before]).toEqual([1])
  })
})
