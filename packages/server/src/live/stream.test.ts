import {
  type Channels,
  type Frame,
  type StateAtCursor,
  type Selection,
  type Snapshot,
  type WindowMinutes,
  applyPatch,
  formatCursor,
  applySnapshot,
  toSelection,
} from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../testing/clock.ts'
import { createScriptedSource, watchAll } from '../testing/source.ts'
import { type EncodedFrame, mergeEncoded } from './encoded-frame.ts'
import type { RingBounds } from './ring.ts'
import { type Stream, createStream } from './stream.ts'

const epoch = 7

function select(...channels: (keyof Channels)[]): Selection {
  const selection = toSelection(channels)
  if (!selection) throw new Error(`Not a selection: ${channels.join()}`)
  return selection
}

const visitors = select('currentVisitors')
const pages = select('activePages')
const both = select('currentVisitors', 'activePages')

function setUp(options: { ring?: RingBounds; idle?: boolean; isWatched?: boolean } = {}) {
  const clock = createManualClock()
  const source = createScriptedSource({ currentVisitors: 0, activePages: [], pageViews: 0 })
  source.idle = options.idle ?? true
  const stream = createStream({
    source,
    epoch,
    clock,
    ...(options.ring && { ring: options.ring }),
  })
  if (options.isWatched ?? true) watchAll(stream, source)
  const startedAt = clock.now()
  /** Records the times of a selection's frames, in milliseconds from the start. */
  const listen = (selection: Selection) => {
    const frames: EncodedFrame[] = []
    const end = stream.subscribe(selection, frame => frames.push(frame))
    return { frames, end, times: () => frames.map(frame => frame.at - startedAt) }
  }
  /** Adds a visitor and touches the stream. */
  let count = 0
  const visit = (): void => {
    source.set('currentVisitors', ++count)
    stream.touch()
  }
  return { clock, source, stream, listen, visit, startedAt }
}

function parse(text: string): Snapshot {
  return JSON.parse(text) as Snapshot
}

function framesAfter(stream: Stream, selection: Selection, seq: number): readonly EncodedFrame[] {
  const replay = stream.since(selection, { epoch, seq })
  if ('reset' in replay) throw new Error(`reset: ${replay.reset}`)
  return replay.frames
}

describe('Stream: timing', () => {
  it('publishes the first change after a silence at once', () => {
    const { clock, listen, visit } = setUp()
    const { times } = listen(visitors)
    clock.advance(137)
    visit()
    expect(times()).toEqual([137])
    clock.advance(10_000)
    visit()
    expect(times()).toEqual([137, 10_137])
  })

  it('publishes later changes at most every 250 ms, including the last', () => {
    const { clock, listen, visit } = setUp()
    const { times, frames } = listen(visitors)
    for (let ms = 0; ms < 1000; ms += 10) {
      visit()
      clock.advance(10)
    }
    clock.advance(1000)
    expect(times()).toEqual([0, 250, 500, 750, 1000])
    expect(frames.at(-1)?.patch).toEqual({ currentVisitors: 100 })
    expect(clock.pending).toBe(0)
  })

  it('publishes no frame for a touch without a change', () => {
    const { clock, stream, listen } = setUp()
    const { frames } = listen(both)
    for (let ms = 0; ms < 1000; ms += 100) {
      stream.touch()
      clock.advance(100)
    }
    expect(frames).toEqual([])
    expect(stream.head).toEqual({ epoch, seq: 0 })
  })

  it('reads the source no more often for changes of unwatched channels', () => {
    const { clock, source, stream } = setUp()
    let advanced = 0
    source.onAdvance = () => advanced++
    for (let ms = 0; ms < 1000; ms++) {
      stream.touch()
      clock.advance(1)
    }
    expect(advanced).toBeLessThanOrEqual(8)
  })

  it('publishes no frame when a value is back at the published one', () => {
    const { clock, source, stream, listen, visit } = setUp()
    const { frames } = listen(visitors)
    visit()
    source.set('currentVisitors', 9)
    stream.touch()
    source.set('currentVisitors', 1)
    clock.advance(1000)
    expect(frames.length).toBe(1)
  })

  it('publishes changes by time on whole seconds', () => {
    const { clock, source, listen } = setUp({ idle: false })
    const { times } = listen(visitors)
    source.onAdvance = now => source.set('currentVisitors', Math.floor(now / 300))
    clock.advance(3456)
    expect(times()).toEqual([1000, 2000, 3000])
  })

  it('advances the source to the time of the frame before it reads', () => {
    const { clock, source, stream } = setUp()
    const advancedTo: number[] = []
    source.onAdvance = now => advancedTo.push(now)
    clock.advance(123)
    stream.touch()
    expect(advancedTo).toEqual([clock.now()])
  })

  it('merges changes by time into a frame that is due in the same second', () => {
    const { clock, source, listen, visit } = setUp()
    const { times } = listen(both)
    source.idle = false
    clock.advance(900)
    visit()
    visit()
    clock.advance(1000)
    expect(times()).toEqual([900, 1000])
  })

  it('does not delay changes to the next second', () => {
    const { clock, listen, visit } = setUp({ idle: false })
    const { times } = listen(visitors)
    visit()
    clock.advance(50)
    visit()
    clock.advance(5000)
    expect(times()).toEqual([0, 250])
  })

  it('has no timer while idle, and otherwise one for the next second', () => {
    const { clock, source, visit, stream } = setUp()
    expect(clock.pending).toBe(0)
    visit()
    expect(clock.pending).toBe(0)
    source.idle = false
    clock.advance(300)
    stream.touch()
    expect(clock.pending).toBe(1)
    clock.advance(5000)
    expect(clock.pending).toBe(1)
    source.idle = true
    clock.advance(1000)
    expect(clock.pending).toBe(0)
  })

  it('ticks from the first poll on when the source is not idle', () => {
    const { clock, source } = setUp({ idle: false })
    const advancedTo: number[] = []
    source.onAdvance = now => advancedTo.push(now)
    clock.advance(2500)
    expect(advancedTo.map(at => at % 1000)).toEqual([0, 0])
  })

  it('does nothing without readers, then publishes one frame of all changes', () => {
    const { clock, source, stream, visit } = setUp({ idle: false, isWatched: false })
    let advanced = 0
    source.onAdvance = () => advanced++
    for (let minute = 0; minute < 10; minute++) {
      visit()
      visit()
      clock.advance(60_000)
    }
    expect([advanced, clock.pending]).toEqual([0, 0])
    const [frame, ...more] = framesAfter(stream, visitors, 0)
    expect(frame).toMatchObject({ p: 0, s: 1, at: clock.now(), patch: { currentVisitors: 20 } })
    expect(more).toEqual([])
  })

  it('publishes watched slots, and the others in one frame on request', () => {
    const { clock, source, stream, listen, visit } = setUp({ isWatched: false })
    const read: string[] = []
    const { read: readNow } = source
    source.read = (channel, minutes) => {
      read.push(channel)
      return readNow(channel, minutes)
    }
    const { frames } = listen(visitors)
    read.length = 0
    for (let step = 1; step <= 3; step++) {
      source.set('activePages', [{ path: '/a', visitors: step }])
      visit()
      clock.advance(250)
    }
    expect(new Set(read)).toEqual(new Set(['currentVisitors']))
    expect(frames.map(({ p, s }) => [p, s])).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ])
    const [frame, ...more] = framesAfter(stream, both, 1)
    expect(frame).toMatchObject({ p: 1, s: 2, patch: { currentVisitors: 2 } })
    expect(more.map(({ p, s, patch }) => [p, s, patch])).toEqual([
      [2, 3, { currentVisitors: 3 }],
      [3, 4, { activePages: { set: [{ path: '/a', visitors: 3 }] } }],
    ])
    expect(parse(stream.snapshotOf(pages))).toMatchObject({ cursor: '7.4' })
  })

  it('publishes polled slots for one minute', () => {
    const { clock, source, stream, listen, visit } = setUp({ isWatched: false })
    listen(visitors)
    stream.cursorOf(pages)
    const headAfter = (ms: number, count: number): number => {
      clock.advance(ms)
      source.set('activePages', [{ path: '/a', visitors: count }])
      stream.touch()
      return stream.head.seq
    }
    expect(headAfter(59_999, 1)).toBe(1)
    expect(headAfter(250, 2)).toBe(1)
    visit()
    clock.advance(250)
    expect(stream.cursorOf(pages).seq).toBe(3)
  })

  it('does not publish slots without readers', () => {
    const { clock, source, stream, listen } = setUp({ isWatched: false })
    listen(visitors)
    listen(pages).end()
    clock.advance(60_000)
    source.set('activePages', [{ path: '/a', visitors: 1 }])
    stream.touch()
    expect(stream.head.seq).toBe(0)
    expect(stream.cursorOf(pages).seq).toBe(1)
  })

  it.each<[string, (stream: Stream) => unknown]>([
    ['Stream: snapshotOf', stream => parse(stream.snapshotOf(visitors))],
    ['a cursor', stream => ({ cursor: formatCursor(stream.cursorOf(visitors)) })],
    [
      'the frames',
      stream => ({ cursor: `${epoch}.${framesAfter(stream, visitors, 0).at(-1)?.s}` }),
    ],
  ])('is up to date for a request for %s after a silence', (_, look) => {
    const { clock, stream, visit } = setUp()
    clock.advance(60_000)
    visit()
    expect(clock.pending).toBe(0)
    expect(look(stream)).toMatchObject({ cursor: `${epoch}.1` })
    // The request watches it again.
    visit()
    clock.advance(250)
    expect(look(stream)).toMatchObject({ cursor: `${epoch}.2` })
  })

  it('is watched while a reader is subscribed', () => {
    const { clock, listen, visit } = setUp()
    const { frames, end } = listen(visitors)
    clock.advance(600_000)
    visit()
    expect(frames).toHaveLength(1)
    end()
    visit()
    clock.advance(1000)
    expect(clock.pending).toBe(0)
  })

  it('publishes nothing and has no timer after close', () => {
    const { clock, source, stream, listen, visit } = setUp({ idle: false })
    const { frames } = listen(visitors)
    visit()
    stream.close()
    visit()
    source.set('currentVisitors', 99)
    clock.advance(10_000)
    expect(frames.length).toBe(1)
    expect(stream.head.seq).toBe(1)
    expect(clock.pending).toBe(0)
  })
})

describe('Stream: frames', () => {
  it('contain only changes of the selection, and the previous frame of it', () => {
    const { clock, source, stream, listen } = setUp()
    const ofVisitors = listen(visitors)
    const ofPages = listen(pages)
    const ofBoth = listen(both)
    const step = (channels: Partial<Channels>) => {
      if (channels.currentVisitors !== undefined) {
        source.set('currentVisitors', channels.currentVisitors)
      }
      if (channels.activePages) source.set('activePages', channels.activePages)
      stream.touch()
      clock.advance(1000)
    }
    step({ currentVisitors: 1 })
    step({ activePages: [{ path: '/a', visitors: 1 }] })
    step({ currentVisitors: 2, activePages: [{ path: '/a', visitors: 2 }] })
    const shape = ({ p, s, patch }: Frame) => [p, s, Object.keys(patch).join()]
    expect(ofVisitors.frames.map(shape)).toEqual([
      [0, 1, 'currentVisitors'],
      [1, 3, 'currentVisitors'],
    ])
    expect(ofPages.frames.map(shape)).toEqual([
      [0, 2, 'activePages'],
      [2, 3, 'activePages'],
    ])
    expect(ofBoth.frames.map(shape)).toEqual([
      [0, 1, 'currentVisitors'],
      [1, 2, 'activePages'],
      [2, 3, 'currentVisitors,activePages'],
    ])
  })

  it('have the same content in their JSON', () => {
    const { clock, source, stream, listen } = setUp()
    const { frames } = listen(both)
    source.set('currentVisitors', 1)
    source.set('activePages', [{ path: '/"\u2028\ud83d\ude00', visitors: 1 }])
    stream.touch()
    clock.advance(1000)
    for (const { json, cursor, ...frame } of frames) {
      expect(JSON.parse(json)).toEqual(frame)
      expect(cursor).toEqual(stream.head)
    }
    expect(frames.length).toBe(1)
  })

  it('separate the windows of a channel', () => {
    const { clock, source, stream } = setUp()
    const windowed = (minutes: WindowMinutes): Selection => ({
      channels: ['pageViews'],
      minutes,
      paths: [],
      properties: [],
    })
    const five: Frame[] = []
    const sixty: Frame[] = []
    stream.subscribe(windowed(5), frame => five.push(frame))
    stream.subscribe(windowed(60), frame => sixty.push(frame))
    source.set('pageViews', minutes => (minutes === 60 ? 8 : 0))
    stream.touch()
    clock.advance(1000)
    source.set('pageViews', minutes => (minutes === 60 ? 8 : 3))
    stream.touch()
    expect(sixty.map(({ p, s, patch }) => [p, s, patch])).toEqual([[0, 1, { pageViews: 8 }]])
    expect(five.map(({ p, s, patch }) => [p, s, patch])).toEqual([[0, 2, { pageViews: 3 }]])
    expect(parse(stream.snapshotOf(windowed(60)))).toMatchObject({
      pageViews: 8,
      windowMinutes: 60,
    })
    expect(parse(stream.snapshotOf(windowed(1)))).toMatchObject({ pageViews: 3, windowMinutes: 1 })
  })

  it('are not delivered after unsubscribe, also when it is called twice', () => {
    const { clock, listen, visit } = setUp()
    const first = listen(visitors)
    visit()
    first.end()
    const second = listen(visitors)
    first.end()
    clock.advance(1000)
    visit()
    expect(first.frames.map(({ s }) => s)).toEqual([1])
    expect(second.frames.map(({ s }) => s)).toEqual([2])
  })

  it('are delivered to all others when a listener unsubscribes or subscribes another', () => {
    const { clock, stream, visit } = setUp()
    const calls: string[] = []
    const endFirst = stream.subscribe(visitors, () => {
      calls.push('first')
      endFirst()
      stream.subscribe(visitors, () => calls.push('late'))
    })
    stream.subscribe(visitors, () => calls.push('second'))
    visit()
    expect(calls).toEqual(['first', 'second'])
    clock.advance(1000)
    visit()
    expect(calls).toEqual(['first', 'second', 'second', 'late'])
  })
})

describe('Stream: cursorOf', () => {
  it('changes only with the selection', () => {
    const { clock, source, stream, visit } = setUp()
    visit()
    expect(stream.cursorOf(visitors)).toEqual({ epoch, seq: 1 })
    expect(stream.cursorOf(pages)).toEqual({ epoch, seq: 0 })
    clock.advance(1000)
    source.set('activePages', [{ path: '/a', visitors: 1 }])
    stream.touch()
    expect(stream.cursorOf(visitors)).toEqual({ epoch, seq: 1 })
    expect(stream.cursorOf(pages)).toEqual({ epoch, seq: 2 })
    expect(stream.cursorOf(both)).toEqual({ epoch, seq: 2 })
    expect(stream.head).toEqual({ epoch, seq: 2 })
  })
})

describe('Stream: snapshotOf', () => {
  it('returns the state of the selection at its cursor', () => {
    const { clock, source, stream, visit } = setUp()
    source.set('activePages', [{ path: '/a', visitors: 1 }])
    visit()
    const at = clock.now()
    clock.advance(5000)
    expect(parse(stream.snapshotOf(both))).toEqual({
      cursor: formatCursor(stream.cursorOf(both)),
      at,
      windowMinutes: 5,
      currentVisitors: 1,
      activePages: [{ path: '/a', visitors: 1 }],
    })
    expect(Object.keys(parse(stream.snapshotOf(pages)))).toEqual([
      'cursor',
      'at',
      'windowMinutes',
      'activePages',
    ])
  })

  it('returns the published state, not an unpublished change', () => {
    const { source, stream, visit } = setUp()
    visit()
    const published = stream.snapshotOf(visitors)
    source.set('currentVisitors', 50)
    stream.touch()
    expect(stream.snapshotOf(visitors)).toBe(published)
  })

  it('returns the same text at the same cursor', () => {
    const { clock, source, stream, visit } = setUp()
    const texts = new Map<string, string>()
    for (let step = 0; step < 20; step++) {
      if (step % 3 === 0) visit()
      if (step % 5 === 0) source.set('activePages', [{ path: '/a', visitors: step + 1 }])
      stream.touch()
      clock.advance(170)
      for (const selection of [visitors, pages, both]) {
        const text = stream.snapshotOf(selection)
        const name = `${selection.channels.join()} ${parse(text).cursor}`
        expect(texts.get(name) ?? text).toBe(text)
        texts.set(name, text)
      }
    }
    expect(texts.size).toBeGreaterThan(10)
  })

  it('has the time of the frame with the same cursor', () => {
    const { clock, source, stream, listen, visit } = setUp()
    const { frames } = listen(both)
    for (let step = 0; step < 8; step++) {
      if (step % 2 === 0) visit()
      else source.set('activePages', [{ path: '/a', visitors: step }])
      stream.touch()
      clock.advance(333)
      const { at } = parse(stream.snapshotOf(both))
      expect(at).toBe(frames.at(-1)?.at)
    }
  })
})

describe('Stream: since', () => {
  it('returns no frames for the last cursor', () => {
    const { stream, visit } = setUp()
    expect(stream.since(visitors, stream.head)).toEqual({ frames: [], to: stream.head })
    visit()
    expect(stream.since(visitors, stream.head)).toEqual({ frames: [], to: stream.head })
  })

  it('returns the frames from any cursor to the last state', () => {
    const { clock, stream, visit } = setUp()
    const states = [parse(stream.snapshotOf(both))]
    for (let step = 0; step < 5; step++) {
      visit()
      clock.advance(250)
      states.push(parse(stream.snapshotOf(both)))
    }
    for (const [seq, snapshot] of states.entries()) {
      const { state }: StateAtCursor = applySnapshot(undefined, snapshot)
      const frames = framesAfter(stream, both, seq)
      const next = frames.reduce((current, { patch }) => applyPatch(current, patch), state)
      expect(next).toEqual(applySnapshot(undefined, states[5] ?? snapshot).state)
      expect(frames.map(({ p, s }) => [p, s])).toEqual(
        Array.from({ length: 5 - seq }, (_, index) => [seq + index, seq + index + 1]),
      )
    }
  })

  it('starts at the given cursor, also when its frame did not change the selection', () => {
    const { clock, source, stream, visit } = setUp()
    visit()
    clock.advance(1000)
    visit()
    clock.advance(1000)
    source.set('activePages', [{ path: '/a', visitors: 1 }])
    stream.touch()
    const [frame, ...more] = framesAfter(stream, pages, 2)
    expect([frame?.p, frame?.s, more.length]).toEqual([2, 3, 0])
    expect(stream.since(visitors, { epoch, seq: 2 })).toEqual({
      frames: [],
      to: { epoch, seq: 2 },
    })
  })

  it.each([epoch - 1, epoch + 1, 0])(
    'returns reset `epoch` for a cursor of the epoch %i',
    other => {
      const { stream, visit } = setUp()
      visit()
      expect(stream.since(visitors, { epoch: other, seq: 0 })).toEqual({ reset: 'epoch' })
      expect(stream.since(visitors, { epoch: other, seq: 99 })).toEqual({ reset: 'epoch' })
    },
  )

  it('returns reset `future` for a cursor after the last frame', () => {
    const { stream, visit } = setUp()
    visit()
    expect(stream.since(visitors, { epoch, seq: 2 })).toEqual({ reset: 'future' })
    expect(stream.since(pages, { epoch, seq: 1 })).toEqual({ frames: [], to: { epoch, seq: 1 } })
  })

  it('returns reset `expired` only when a frame of the selection was evicted', () => {
    const { clock, source, stream, visit } = setUp({ ring: { maxFrames: 2, maxBytes: 10_000 } })
    source.set('activePages', [{ path: '/a', visitors: 1 }])
    visit()
    for (let step = 0; step < 4; step++) {
      clock.advance(250)
      visit()
    }
    // Frames 1 to 3 were evicted. Only the first of them changed the pages.
    expect(stream.since(visitors, { epoch, seq: 2 })).toEqual({ reset: 'expired' })
    expect(framesAfter(stream, visitors, 3).length).toBe(2)
    expect(stream.since(pages, { epoch, seq: 0 })).toEqual({ reset: 'expired' })
    expect(stream.since(pages, { epoch, seq: 1 })).toEqual({ frames: [], to: { epoch, seq: 1 } })
    expect(stream.since(both, { epoch, seq: 1 })).toEqual({ reset: 'expired' })
  })
})

describe('mergeEncoded', () => {
  it('merges frames and their JSON into one', () => {
    const { clock, source, stream, visit } = setUp()
    visit()
    clock.advance(250)
    source.set('activePages', [{ path: '/a', visitors: 1 }])
    visit()
    const merged = mergeEncoded(framesAfter(stream, both, 0))
    if (!merged) throw new Error('There are two.')
    const { json, cursor, ...frame } = merged
    expect(JSON.parse(json)).toEqual(frame)
    expect(cursor).toEqual(stream.head)
    expect(frame).toEqual({
      p: 0,
      s: 2,
      at: clock.now(),
      patch: { currentVisitors: 2, activePages: { set: [{ path: '/a', visitors: 1 }] } },
    })
  })

  it('returns undefined for none, and a single frame unchanged', () => {
    const { stream, visit } = setUp()
    visit()
    const [only] = framesAfter(stream, visitors, 0)
    expect(mergeEncoded([])).toBeUndefined()
    expect(only && mergeEncoded([only])).toBe(only)
  })
})
