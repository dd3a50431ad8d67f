import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../testing/clock.ts'
import { measureHeapBytes } from '../testing/heap.ts'
import type { Clock } from '../shared/clock.ts'
import { type TokenBucketsOptions, createElapsed, createTokenBuckets } from './token-buckets.ts'

/** Buckets that read the time of a clock themselves. */
function createTimed(options: TokenBucketsOptions, clock: Clock) {
  const buckets = createTokenBuckets(options)
  const elapsed = createElapsed(clock)
  return {
    waitMs: (key: string, tokens: number) => buckets.waitMs(key, tokens, elapsed()),
    take: (key: string, tokens: number) => buckets.take(key, tokens, elapsed()),
    hold: (key: string, tokens: number) => buckets.hold(key, tokens, elapsed()),
  }
}

type TokenBuckets = ReturnType<typeof createTimed>

const create = (tokensPerSecond: number, maxTokens: number, maxBuckets = 64) => {
  const clock = createManualClock()
  const options = { tokensPerSecond, maxTokens, maxBuckets, seed: 7 }
  return { clock, buckets: createTimed(options, clock) }
}

/** Takes tokens if the bucket has them. */
function tryTake(buckets: TokenBuckets, key: string, tokens: number): boolean {
  if (buckets.waitMs(key, tokens) > 0) return false
  buckets.take(key, tokens)
  return true
}

describe('createTokenBuckets', () => {
  it('gives the tokens of a full bucket at once, then those of the elapsed time', () => {
    const { buckets, clock } = create(10, 3)
    const taken = () => tryTake(buckets, 'a', 1)
    expect([taken(), taken(), taken(), taken()]).toEqual([true, true, true, false])
    expect(buckets.waitMs('a', 1)).toBeCloseTo(100)
    clock.advance(100)
    expect([taken(), taken()]).toEqual([true, false])
    expect(tryTake(buckets, 'b', 3)).toBe(true)
    clock.advance(86_400_000)
    expect(tryTake(buckets, 'a', 3)).toBe(true)
    expect(taken()).toBe(false)
  })

  it('never gives more than a full bucket and the tokens of the elapsed time, in any window', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      tokens: fc.integer({ min: 1, max: 40 }),
      advanceMs: fc.integer({ min: 0, max: 700 }),
      jumpMs: fc.constantFrom(0, 0, 0, -3_600_000),
      holds: fc.boolean(),
    })
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 120 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 40 }),
        (steps, tokensPerSecond, maxTokens) => {
          let now = 1_700_000_000_000
          let elapsedMs = 0
          const clock = { now: () => now, after: () => () => {} }
          const buckets = createTimed({ tokensPerSecond, maxTokens, maxBuckets: 64 }, clock)
          const taken: { key: string; elapsedMs: number; tokens: number }[] = []
          for (const { key, tokens, advanceMs, jumpMs, holds } of steps) {
            now += advanceMs + jumpMs
            elapsedMs += Math.max(0, advanceMs + jumpMs)
            if (tokens > maxTokens) continue
            if (tryTake(buckets, key, tokens)) taken.push({ key, elapsedMs, tokens })
            else if (holds) buckets.hold(key, tokens)
          }
          for (const [index, from] of taken.entries()) {
            let sum = 0
            for (const { key, tokens, elapsedMs: at } of taken.slice(index)) {
              if (key !== from.key) continue
              sum += tokens
              const bound = maxTokens + (tokensPerSecond * (at - from.elapsedMs)) / 1000
              expect(sum).toBeLessThanOrEqual(bound + 1e-6)
            }
          }
        },
      ),
    )
  })

  it('gives the tokens after the wait that it names, and none before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 30 }),
        sizes => {
          const { buckets, clock } = create(8, 20)
          for (const tokens of sizes) {
            const waitMs = buckets.waitMs('a', tokens)
            if (waitMs > 1) {
              clock.advance(Math.floor(waitMs) - 1)
              expect(buckets.waitMs('a', tokens)).toBeGreaterThan(0)
            }
            clock.advance(Math.ceil(buckets.waitMs('a', tokens)))
            expect(tryTake(buckets, 'a', tokens)).toBe(true)
          }
        },
      ),
    )
  })

  it('holds a bucket for a large request, before small ones', () => {
    const { buckets, clock } = create(10, 10)
    expect(tryTake(buckets, 'a', 10)).toBe(true)
    buckets.hold('a', 10)
    clock.advance(900)
    expect(buckets.waitMs('a', 1)).toBeCloseTo(100)
    // A refused request does not extend it.
    buckets.hold('a', 1)
    clock.advance(100)
    expect(tryTake(buckets, 'a', 10)).toBe(true)
    buckets.hold('b', 10)
    expect(tryTake(buckets, 'b', 1)).toBe(true)
  })

  it('blocks nobody after a jump of the clock', () => {
    let now = 1_700_000_000_000
    const clock = { now: () => now, after: () => () => {} }
    const buckets = createTimed({ tokensPerSecond: 1, maxTokens: 2, maxBuckets: 64 }, clock)
    tryTake(buckets, 'a', 2)
    for (const jumpMs of [-86_400_000, 3_600_000, -7_200_000]) {
      now += jumpMs
      expect(buckets.waitMs('a', 1)).toBeLessThanOrEqual(1000)
      now += 1000
      expect(tryTake(buckets, 'a', 1)).toBe(true)
      now += 1000
      expect(tryTake(buckets, 'a', 1)).toBe(true)
    }
  })

  it('evicts a fuller bucket before an emptier one', () => {
    const { buckets } = create(1, 1000, 64)
    tryTake(buckets, 'flood', 1000)
    for (let count = 0; count < 100_000; count += 1) tryTake(buckets, `other-${count}`, 1)
    expect(buckets.waitMs('flood', 1)).toBeGreaterThan(0)
  })

  it('keeps a limit on each of as many keys as half its buckets', () => {
    const { buckets } = create(1, 1, 4096)
    for (let key = 0; key < 2048; key += 1) tryTake(buckets, `203.0.${key >> 8}.${key & 255}`, 1)
    let limited = 0
    for (let key = 0; key < 2048; key += 1) {
      if (buckets.waitMs(`203.0.${key >> 8}.${key & 255}`, 1) > 0) limited += 1
    }
    expect(limited).toBeGreaterThan(2048 * 0.97)
  })

  it('has a size that does not depend on the number of keys', () => {
    const { buckets, clock } = create(1, 10, 65_536)
    const keys = 200_000
    const round = (): number => {
      for (let key = 0; key < keys; key += 1) tryTake(buckets, `2001:db8:${key}`, 1)
      clock.advance(1000)
      return measureHeapBytes() + process.memoryUsage().arrayBuffers
    }
    const before = round()
    expect(round() - before).toBeLessThan(8_000_000)
  })

  it('gives everything without a limit', () => {
    const { buckets } = create(Infinity, 1)
    buckets.take('a', 1e9)
    expect(buckets.waitMs('a', 1e9)).toBe(0)
  })
})
