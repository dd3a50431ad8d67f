import { type Selection, parseCursor, toSelection } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../testing/clock.ts'
import { createScriptedSource } from '../testing/source.ts'
import type { Stream } from '../live/stream.ts'
import { createSiteStreams } from './site-streams.ts'

function select(...names: string[]): Selection {
  const selection = toSelection(names)
  if (!selection) throw new Error(`The selection ${names.join()} is invalid.`)
  return selection
}

const visitors = select('currentVisitors')

function setUp() {
  const clock = createManualClock()
  const source = createScriptedSource({ currentVisitors: 0 })
  const streams = createSiteStreams({ source, epoch: 7, clock })
  /** Publishes a number of visitors in every stream that somebody reads. */
  function publish(count: number): void {
    clock.advance(250)
    source.set('currentVisitors', count)
    streams.touch()
  }
  return { clock, source, streams, publish }
}

const countOf = (stream: Stream): unknown =>
  (JSON.parse(stream.snapshotOf(visitors)) as { currentVisitors: unknown }).currentVisitors

describe('Streams of a site', () => {
  it('are one for each least count, which 0 and 1 do not hide', () => {
    const { streams, publish } = setUp()
    publish(2)
    expect([0, 1, 2, 3].map(min => countOf(streams.of(min)))).toEqual([2, 2, 2, 0])
    expect(streams.of(3)).toBe(streams.of(3))
  })

  it('never share a cursor, and reset a reader with a cursor of another stream', () => {
    const { streams, publish } = setUp()
    const [full, hidden] = [streams.of(0), streams.of(3)]
    const cursors = new Map<string, Stream>()
    for (let count = 1; count < 9; count++) {
      for (const stream of [full, hidden]) {
        const { cursor } = JSON.parse(stream.snapshotOf(visitors)) as { cursor: string }
        expect(cursors.get(cursor) ?? stream).toBe(stream)
        cursors.set(cursor, stream)
      }
      publish(count)
    }
    for (const [text, owner] of cursors) {
      const cursor = parseCursor(text)
      if (!cursor) throw new Error(text)
      expect(owner.since(visitors, cursor)).toHaveProperty('frames')
      const other = owner === full ? hidden : full
      expect(other.since(visitors, cursor)).toHaveProperty('reset')
    }
  })

  it('end together, also one that is created later', () => {
    const { streams, publish } = setUp()
    streams.close()
    const late = streams.of(3)
    const frames: unknown[] = []
    late.subscribe(visitors, frame => frames.push(frame))
    publish(5)
    expect(frames).toEqual([])
  })
})
