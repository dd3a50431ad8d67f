import { describe, expect, it } from 'vitest'
import { createByteWriter } from '../../shared/bytes.ts'
import { hash64 } from './hash.ts'
import { HyperLogLog } from './hyper-log-log.ts'
import { createRankArena } from './rank-arena.ts'

const precision = 11
const length = 2 ** precision

describe('an arena', () => {
  it('gives to each what nobody else has, and nothing in it', () => {
    const arena = createRankArena()
    const taken = Array.from({ length: 200 }, () => arena.allocate(length))
    for (const [index, { array, start }] of taken.entries()) {
      expect(array.subarray(start, start + length).every(rank => rank === 0)).toBe(true)
      array.fill(index + 1, start, start + length)
    }
    for (const [index, { array, start }] of taken.entries()) {
      expect(array.subarray(start, start + length).every(rank => rank === index + 1)).toBe(true)
    }
  })

  it('has few arrays, the first no larger than what was asked for', () => {
    const arena = createRankArena()
    const taken = Array.from({ length: 500 }, () => arena.allocate(length))
    expect(taken[0]?.array).toHaveLength(length)
    expect(new Set(taken.map(({ array }) => array)).size).toBeLessThan(20)
    expect(Math.max(...taken.map(({ array }) => array.length))).toBe(128 * 1024)
  })

  it('gives more at once than it makes at a time', () => {
    expect(createRankArena().allocate(2 ** 18).array).toHaveLength(2 ** 18)
  })
})

describe('sketches in one arena', () => {
  it('are what they are by themselves, when they are added to by turns and merged', () => {
    const arena = createRankArena()
    const together = [1, 2, 3].map(() => new HyperLogLog(precision, arena))
    const apart = [1, 2, 3].map(() => new HyperLogLog(precision))
    for (let item = 0; item < 3000; item++) {
      const hash = hash64(String(item))
      for (const sketches of [together, apart]) sketches[item % 3]?.add(hash)
    }
    const same = (): void => {
      expect(together.map(bytesOf)).toEqual(apart.map(bytesOf))
      expect(together.map(each => each.count())).toEqual(apart.map(each => each.count()))
      expect(together.map(each => each.registers())).toEqual(apart.map(each => each.registers()))
    }
    same()
    for (const [first, second] of [together, apart]) if (first && second) first.merge(second)
    same()
    for (const [, second] of [together, apart]) second?.add(hash64('one more'))
    same()
  })
})

function bytesOf(sketch: HyperLogLog): Uint8Array {
  const writer = createByteWriter()
  sketch.write(writer)
  return writer.finish()
}
