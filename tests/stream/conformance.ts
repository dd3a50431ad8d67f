import {
  type StateAtCursor,
  type Selection,
  type Snapshot,
  formatCursor,
  parseCursor,
  applySnapshot,
} from '@tidemark/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { narrow, select, selections, wide } from './selections.ts'
import type { Served } from './test-server.ts'
import type { Reading, WireReader } from './transports/reader.ts'
import { type TransportName, transports } from './transports/index.ts'

/** For what the system does in its own time. */
const patience = { timeout: 10_000, interval: 5 }
const heartbeatMs = 15_000

export interface ConformanceOptions {
  open(): Promise<Served>
  transports: readonly TransportName[]
  /** Whether there is a cache on the way. */
  isCached?: boolean
}

/**
 * What holds for every transport, over any log and behind any proxy that is set up as docs/deploying.md
 * says: one server, real sockets, readers that know the documented wire and nothing else.
 */
export function describeConformance(where: string, options: ConformanceOptions): void {
  describe(`The wire of ${where}`, () => {
    let served: Served
    /** How often a test waits for all to be in step: behind a cache it takes a second. */
    const waits = options.isCached ? 2 : 5
    const readers: WireReader[] = []

    beforeAll(async () => {
      served = await options.open()
    })
    afterEach(() => {
      for (const reader of readers.splice(0)) reader.close()
    })
    afterAll(() => served.close())

    function open(name: TransportName, more: Partial<Reading> = {}): WireReader {
      const reader = transports[name]({
        siteUrl: served.siteUrl,
        selection: wide,
        isCached: options.isCached,
        ...more,
      })
      readers.push(reader)
      return reader
    }

    async function visit(times = 1): Promise<void> {
      for (let each = 0; each < times; each++) await served.visit()
    }

    /** Waits until these hold what the server has, and finds nothing wrong with how they came by it. */
    async function expectInStep(
      selection: Selection,
      ...them: WireReader[]
    ): Promise<StateAtCursor> {
      const there = applySnapshot(undefined, await served.read(selection))
      await vi.waitFor(() => {
        for (const reader of them) {
          expect(reader.violations).toEqual([])
          expect(reader.mark && formatCursor(reader.mark.cursor)).toBe(formatCursor(there.cursor))
        }
      }, patience)
      for (const reader of them) expect(reader.mark).toEqual(there)
      return there
    }

    describe.each(options.transports)('by %s', name => {
      it('a reader begins with the whole state, and follows it frame by frame', async () => {
        const reader = open(name)
        await expectInStep(wide, reader)
        for (let times = 0; times < waits; times++) {
          await visit()
          await expectInStep(wide, reader)
        }
        expect(reader.resets).toEqual([])
        expect(reader.marks.length).toBeGreaterThan(waits)
      })

      it('a reader that was away is brought up to date, whole, without a reset', async () => {
        await visit()
        const from = applySnapshot(undefined, await served.read(wide))
        // More than one answer with frames holds; there are such while somebody looks.
        await visit(150)
        await served.read(narrow)
        await visit(150)
        const reader = open(name, { from })
        await expectInStep(wide, reader)
        expect(reader.resets).toEqual([])
      })

      it('a reader whose cursor is the newest gets nothing until there is something', async () => {
        await visit()
        const from = applySnapshot(undefined, await served.read(wide))
        const reader = open(name, { from })
        await expectInStep(wide, reader)
        await visit()
        await expectInStep(wide, reader)
        expect(reader.resets).toEqual([])
      })

      it('what is published while readers come loses nothing', async () => {
        const marks: StateAtCursor[] = [applySnapshot(undefined, await served.read(wide))]
        async function publish(): Promise<void> {
          for (let times = 0; times < 30; times++) {
            await visit()
            marks.push(applySnapshot(undefined, await served.read(wide)))
          }
        }
        const publishing = publish()
        for (let round = 0; round < 12; round++) {
          const from = round % 4 === 0 ? undefined : marks[(round * 7) % marks.length]
          open(name, { from })
          await new Promise(resolve => setImmediate(resolve))
        }
        await publishing
        await expectInStep(wide, ...readers)
        expect(readers.flatMap(({ resets }) => resets)).toEqual([])
      })

      it('a reader of less hears only of that, by the same numbers', async () => {
        const reader = open(name, { selection: narrow })
        await visit(3)
        await expectInStep(narrow, reader)
        const keys = Object.keys(reader.mark?.state ?? {})
        expect(keys).toEqual(['currentVisitors'])
      })
    })

    /** Where the whole is asked for each time there is nothing to go on from, and nothing to lose. */
    const following = options.transports.filter(name => name !== 'poll')

    describe.each(following)('by %s', name => {
      it.each<[string, (cursor: StateAtCursor['cursor']) => StateAtCursor['cursor'], string]>([
        ['of an earlier start', ({ epoch, seq }) => ({ epoch: epoch - 1, seq }), 'epoch'],
        ['of a later start', ({ epoch, seq }) => ({ epoch: epoch + 1, seq }), 'epoch'],
        ['that is ahead', ({ epoch, seq }) => ({ epoch, seq: seq + 1000 }), 'future'],
      ])('a cursor %s leads to one reset, and a state that is right', async (_, change, reason) => {
        await visit()
        const mark = applySnapshot(undefined, await served.read(wide))
        const reader = open(name, { from: { ...mark, cursor: change(mark.cursor) } })
        await vi.waitFor(() => expect(reader.resets).toEqual([reason]), patience)
        await visit()
        await expectInStep(wide, reader)
        expect(reader.resets).toEqual([reason])
      })
    })

    // A cache would be a second behind by its own clock, which is minutes by that of this server.
    if (!options.isCached) describeFarBehind()

    function describeFarBehind(): void {
      describe('far behind', () => {
        let from: StateAtCursor | undefined
        beforeAll(async () => {
          await visit()
          from = applySnapshot(undefined, await served.read(wide))
          // More frames than a server keeps, while somebody looks at it.
          for (let times = 0; times < 11; times++) {
            await visit(100)
            await served.read(wide)
          }
        }, 60_000)

        it.each(following)(
          'by %s a cursor whose frames are gone leads to one reset',
          async name => {
            const reader = open(name, { from })
            await vi.waitFor(() => expect(reader.resets).toEqual(['expired']), patience)
            await expectInStep(wide, reader)
            expect(reader.resets).toEqual(['expired'])
            // Never a part of what was missed: the first thing after the old mark is the whole.
            expect(reader.marks).toHaveLength(2)
          },
        )
      })
    }

    const pinged = options.transports.filter(name => name === 'websocket' || name === 'sse')

    it.each(pinged)(
      'by %s the last frame before a silence is not lost for longer than a heartbeat',
      async name => {
        // Time alone moves nothing of it, so that no later frame tells what the ping has to.
        const feed = select(['recentEvents'])
        let isLossy = false
        let lost = 0
        const reader = open(name, {
          selection: feed,
          loses() {
            lost += isLossy ? 1 : 0
            return isLossy
          },
        })
        await expectInStep(feed, reader)
        isLossy = true
        await visit()
        await vi.waitFor(() => expect(lost).toBe(1), patience)
        isLossy = false
        const behind = await served.read(feed)
        expect(reader.mark?.cursor).not.toEqual(parseCursor(behind.cursor))
        served.clock.advance(heartbeatMs)
        await expectInStep(feed, reader)
      },
    )

    if (options.transports.includes('websocket')) describeSelecting()

    function describeSelecting(): void {
      it('a WebSocket takes another selection while frames flow, and hears nothing more of the one before', async () => {
        const reader = open('websocket', { selection: narrow })
        const others = selections.map(selection => open('websocket', { selection }))
        await vi.waitFor(() => expect(reader.mark).toBeDefined(), patience)
        const publishing = visit(40)
        for (let times = 0; times < 20; times++) {
          const index = (times * 5) % selections.length
          // Now anew, and now from what another reader holds of it.
          reader.select?.(selections[index] ?? wide, times % 3 ? others[index]?.mark : undefined)
          await new Promise(resolve => setImmediate(resolve))
        }
        await publishing
        for (const selection of [narrow, wide]) {
          reader.select?.(selection)
          await visit()
          await expectInStep(selection, reader)
        }
        expect([reader, ...others].flatMap(({ violations }) => violations)).toEqual([])
        expect(reader.resets).toEqual([])
      })
    }

    it('the same cursor is the same state, byte for byte, by whatever way it came', async () => {
      const all = options.transports.map(name => open(name))
      await expectInStep(wide, ...all)
      for (let times = 0; times < 20; times++) {
        await visit()
        // Each has its turn, so that there is a mark that all of them have held.
        if (times % Math.ceil(20 / waits) === 0) await expectInStep(wide, ...all)
      }
      await expectInStep(wide, ...all)
      const states = new Map<string, string>()
      let shared = 0
      for (const mark of all.flatMap(({ marks }) => marks)) {
        const cursor = formatCursor(mark.cursor)
        const state = JSON.stringify(mark)
        shared += states.has(cursor) ? 1 : 0
        expect(state).toBe(states.get(cursor) ?? state)
        states.set(cursor, state)
      }
      expect(shared).toBeGreaterThan(2 * waits)
    })

    it('a reader may change from any way to any other at any time', async () => {
      let mark: StateAtCursor | undefined
      for (let times = 0; times < 24; times++) {
        const name = options.transports[(times * 7 + (times >> 2)) % options.transports.length]
        if (!name) throw new Error('There is no transport.')
        const reader = open(name, { from: mark })
        await visit(times % 3)
        const held = mark
        await vi.waitFor(() => expect(reader.mark).toBeDefined(), patience)
        if (times % 4 === 0) await expectInStep(wide, reader)
        expect(reader.violations).toEqual([])
        expect(reader.resets).toEqual([])
        mark = reader.mark
        expect(Number(mark?.cursor.seq)).toBeGreaterThanOrEqual(held?.cursor.seq ?? 0)
        reader.close()
      }
    })

    /** Ways to write a tag. A cache knows only the standard's. */
    function tagsOf(cursor: string): string[] {
      const tags = [`"${cursor}"`, `W/"${cursor}"`, `"x", "${cursor}"`, '*']
      return options.isCached ? tags : [...tags, `"${cursor}-gzip"`]
    }

    it('a poll is answered with 304 for its own state and no other, however a proxy has dressed the tag', async () => {
      await visit()
      const url = `${served.siteUrl}/realtime?channels=currentVisitors&minutes=5`
      // A cache on the way may be a second behind.
      const first = await freshly(url)
      const { cursor } = (await first.json()) as Snapshot
      expect(first.headers.get('ETag')?.replace(/^W\//, '')).toBe(`"${cursor}"`)
      for (const tag of tagsOf(cursor)) {
        const again = await fetch(url, { headers: { 'If-None-Match': tag, ...past() } })
        expect(again.status, tag).toBe(304)
        expect(again.headers.get('Access-Control-Allow-Origin'), tag).toBe('*')
      }
      for (const tag of ['"7.1"', `"${cursor}0"`, `"1${cursor}"`]) {
        const again = await fetch(url, { headers: { 'If-None-Match': tag, ...past() } })
        expect(again.status, tag).toBe(200)
        expect((await again.json()) as Snapshot).toMatchObject({ cursor })
      }
    })

    it.each([
      ['realtime?channels=nothing', 400],
      ['realtime/frames?since=latest', 400],
      ['realtime/sse?since=latest', 400],
      ['realtime/frames?since=1.1', 410],
      ['realtime/ws', 426],
      ['nowhere', 404],
    ])('the error of %s can be read by any page, and is kept nowhere', async (path, status) => {
      const answer = await fetch(`${served.siteUrl}/${path}`)
      expect(answer.status).toBe(status)
      expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
      expect(answer.headers.get('Cache-Control')).toBe('no-store')
      expect(await answer.json()).toMatchObject({ status })
    })
  })
}

/** Past what a shared cache may have kept for a second. */
let asked = 0
function past(): Record<string, string> {
  return { 'X-Asked': String(++asked) }
}

async function freshly(url: string): Promise<Response> {
  return fetch(url, { headers: past() })
}
