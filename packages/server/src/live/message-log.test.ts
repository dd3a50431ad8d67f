import { describe, expect, it } from 'vitest'
import { createMessageLog } from './message-log.ts'

describe('MessageLog', () => {
  it('returns the messages from an index on', () => {
    const log = createMessageLog({ maxMessages: 10, maxLength: 100 })
    for (const message of ['a', 'b', 'c']) log.add(message)
    expect([log.next, log.since(0), log.since(2), log.since(3)]).toEqual([
      ...[3, ['a', 'b', 'c'], ['c'], []],
    ])
  })

  it('drops the oldest messages beyond its bounds, but never the newest', () => {
    const log = createMessageLog({ maxMessages: 2, maxLength: 5 })
    for (const message of ['a', 'b', 'c']) log.add(message)
    expect([log.next, log.since(0), log.since(2)]).toEqual([3, ['b', 'c'], ['c']])
    log.add('dddd')
    expect(log.since(0)).toEqual(['c', 'dddd'])
    log.add('e'.repeat(9))
    expect([log.next, log.since(4)]).toEqual([5, ['e'.repeat(9)]])
  })

  it('returns everything to a reader that is ahead, as after a restart', () => {
    const log = createMessageLog({ maxMessages: 2, maxLength: 5 })
    log.add('a')
    expect(log.since(7)).toEqual(['a'])
  })
})
