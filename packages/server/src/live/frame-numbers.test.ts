import { describe, expect, it } from 'vitest'
import { createFrameCounter } from './frame-numbers.ts'

describe('createFrameCounter', () => {
  it('numbers a single stream from 0, without a gap', () => {
    const numbers = createFrameCounter()()
    expect([numbers.last, numbers.next(), numbers.next(), numbers.last]).toEqual([0, 1, 2, 2])
    expect([0, 1, 2, 3].map(numbers.has)).toEqual([true, true, true, false])
  })

  it('gives no number to two streams', () => {
    const open = createFrameCounter()
    const first = open()
    first.next()
    const second = open()
    const owners = Array.from({ length: 20 }, (_, index) => {
      const stream = index % 3 === 0 ? second : first
      return [stream.next(), stream] as const
    })
    expect(second.last).toBeLessThan(first.last + 20)
    for (const [seq, owner] of owners) {
      expect([first.has(seq), second.has(seq)]).toEqual([owner === first, owner === second])
    }
    expect([first.has(0), second.has(0), first.has(2), second.has(2)]).toEqual([
      ...[true, false, false, true],
    ])
  })

  it('forgets the oldest of many ranges', () => {
    const open = createFrameCounter()
    const [first, second] = [open(), open()]
    for (let count = 0; count < 5000; count++) {
      first.next()
      second.next()
    }
    expect([first.has(0), first.has(first.last)]).toEqual([false, true])
  })
})
