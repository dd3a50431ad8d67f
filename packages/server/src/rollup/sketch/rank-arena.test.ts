import { describe, expect, it } from 'vitest'
import { createByteWriter } from '../../shared/bytes.ts'
import { hash64 } from './hash.ts'
import { HyperLogLog } from './hyper-log-log.ts'
import { createRankArena } from './rank-arena.ts'

const precision = 11
const length = 2 ** precision

describe('RankArena', () => {
  it('allocates separate ranks of 0', () => {
    const arena = createRankArena()
    const allocated = Array.from({ length: 200 }, () => arena.allocate(length))
    for (const [index, { array, start }] of allocated.entries()) {
      expect(array.subarray(start, start + length).every(rank => rank === 0)).toBe(true)
      array.fill(index + 1, start, start + length)
    }
    for (const [index, { array, start }] of allocated.entries()) {
      expect(array.subarray(start, start + length).every(rank => rank === index + 1)).toBe(true)
    }
  })

  it('uses few arrays, the first as large as the first allocation', () => {
    const arena = createRankArena()
    const allocated = Array.from({ length: 500 }, () => arena.allocate(length))
    expect(allocated[0]?.array).toHaveLength(length)
    expect(new Set(allocated.map(({ array }) => array)).size).toBeLessThan(20)
    expect(Math.max(...allocated.map(({ array }) => array.length))).toBe(128 * 1024)
  })

  it('allocates more than its largest array', () => {
    expect(createRankArena().allocate(2 ** 18).array).toHaveLength(2 ** 18)
  })
})

describe('RankArena: sketches in one arena', () => {
  it('equal separate sketches after interleaved additions and merges', () => {
    const arena = createRankArena()
    const shared = [1, 2, 3].map(() => new HyperLogLog(precision, arena))
    const separate = [1, 2, 3].map(() => new HyperLogLog(precision))
    for (let item = 0; item < 3000; item++) {
      const hash = hash64(String(item))
      for (const sketches of [shared, separate]) sketches[item % 3]?.add(hash)
    }
    const expectEqual = (): void => {
      expect(shared.map(bytesOf)).toEqual(separate.map(bytesOf))
      expect(shared.map(each => each.count())).toEqual(separate.map(each => each.count()))
      expect(shared.map(each => each.registers())).toEqual(separate.map(each => each.registers()))
    }
    expectEqual()
    for (const [first, second] of [shared, separate]) if (first && second) first.merge(second)
    expectEqual()
    for (const [, second] of [shared, separate]) second?.add(hash64('one more'))
    expectEqual()
  })
})

function bytesOf(sketch: HyperLogLog): Uint8Array {
  const writer = createByteWriter()
  sketch.write(writer)
  return writer.finish()
}
