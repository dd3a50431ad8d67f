import {
  type StateAtCursor,
  type Selection,
  type Snapshot,
  formatCursor,
  parseCursor,
  applySnapshot,
} from '@tidemark/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  narrowSelection,
  pageSelection,
  propertySelection,
  select,
  selections,
  wideSelection,
} from './selections.ts'
import type { TestServer } from './test-server.ts'
import type { ReaderOptions, ProtocolReader } from './transports/reader.ts'
import { type TransportName, transports } from './transports/index.ts'

/** Timeout for network and server work, in milliseconds. */
const networkWait = { timeout: 10_000, interval: 5 }
const heartbeatMs = 15_000

export interface ConformanceOptions {
  open(): Promise<TestServer>
  transports: readonly TransportName[]
  /** Whether a shared cache stands before the server. */
  isCached?: boolean
}

/**
 * Protocol tests for every transport, every log, and every proxy that is set up as docs/deploying.md describes. They
 * use one server, real sockets, and readers that implement only the documented protocol.
 */
export function describeConformance(subject: string, options: ConformanceOptions): void {
  describe(`Protocol of ${subject}`, () => {
    let server: TestServer
    /** Number of times a test waits for synchronization; each wait takes a second behind a cache. */
    const syncCount = options.isCached ? 2 : 5
    const readers: ProtocolReader[] = []

    beforeAll(async () => {
      server = await options.open()
    })
    afterEach(() => {
      for (const reader of readers.splice(0)) reader.close()
    })
    afterAll(() => server.close())

    function open(name: TransportName, more: Partial<ReaderOptions> = {}): ProtocolReader {
      const reader = transports[name]({
        siteUrl: server.siteUrl,
        selection: wideSelection,
        isCached: options.isCached,
        ...more,
      })
      readers.push(reader)
      return reader
    }

    async function publish(times = 1): Promise<void> {
      for (let count = 0; count < times; count++) await server.publish()
    }

    /** Waits until the readers have the server's state, and expects no violation on the way. */
    async function expectSynchronized(
      selection: Selection,
      ...synchronized: ProtocolReader[]
    ): Promise<StateAtCursor> {
      const serverState = applySnapshot(undefined, await server.read(selection))
      await vi.waitFor(() => {
        for (const reader of synchronized) {
          expect(reader.violations).toEqual([])
          expect(reader.position && formatCursor(reader.position.cursor)).toBe(
            formatCursor(serverState.cursor),
          )
        }
      }, networkWait)
      for (const reader of synchronized) expect(reader.position).toEqual(serverState)
      return serverState
    }

    describe.each(options.transports)('%s reader', name => {
      it('starts with a snapshot and follows the frames', async () => {
        const reader = open(name)
        await expectSynchronized(wideSelection, reader)
        for (let times = 0; times < syncCount; times++) {
          await publish()
          await expectSynchronized(wideSelection, reader)
        }
        expect(reader.resets).toEqual([])
        expect(reader.positions.length).toBeGreaterThan(syncCount)
      })

      it('catches up after an absence without a reset', async () => {
        await publish()
        const initialPosition = applySnapshot(undefined, await server.read(wideSelection))
        // More frames than fit into one answer. The read keeps the server publishing frames.
        await publish(150)
        await server.read(narrowSelection)
        await publish(150)
        const reader = open(name, { initialPosition })
        await expectSynchronized(wideSelection, reader)
        expect(reader.resets).toEqual([])
      })

      it('receives nothing at the newest cursor until the state changes', async () => {
        await publish()
        const initialPosition = applySnapshot(undefined, await server.read(wideSelection))
        const reader = open(name, { initialPosition })
        await expectSynchronized(wideSelection, reader)
        await publish()
        await expectSynchronized(wideSelection, reader)
        expect(reader.resets).toEqual([])
      })

      it('misses no frame that is published while readers connect', async () => {
        const history: StateAtCursor[] = [
          applySnapshot(undefined, await server.read(wideSelection)),
        ]
        async function publishAndRecord(): Promise<void> {
          for (let times = 0; times < 30; times++) {
            await publish()
            history.push(applySnapshot(undefined, await server.read(wideSelection)))
          }
        }
        const publishing = publishAndRecord()
        for (let round = 0; round < 12; round++) {
          const initialPosition =
            round % 4 === 0 ? undefined : history[(round * 7) % history.length]
          open(name, { initialPosition })
          await new Promise(resolve => setImmediate(resolve))
        }
        await publishing
        await expectSynchronized(wideSelection, ...readers)
        expect(readers.flatMap(({ resets }) => resets)).toEqual([])
      })

      it('receives only its channels when its selection is smaller', async () => {
        const reader = open(name, { selection: narrowSelection })
        await publish(3)
        await expectSynchronized(narrowSelection, reader)
        const keys = Object.keys(reader.position?.state ?? {})
        expect(keys).toEqual(['currentVisitors'])
      })

      it('receives the visitors of its page, and nothing while only others change', async () => {
        const reader = open(name, { selection: pageSelection })
        await expectSynchronized(pageSelection, reader)
        // Every seventh page view is one of this page.
        await publish(14)
        await expectSynchronized(pageSelection, reader)
        const numbers = reader.positions.map(({ state }) => state.pageVisitors?.[0]?.visitors)
        expect(numbers.length).toBeLessThan(10)
        // Between two polls, one visitor can come and another one expire.
        const isChange =
          name === 'poll' || numbers.every((each, index) => each !== numbers[index + 1])
        expect(isChange).toBe(true)
        expect(reader.resets).toEqual([])
      })
    })

    describe.each(options.transports)('%s reader', name => {
      it('receives the values of its property, at most once per second', async () => {
        const reader = open(name, { selection: propertySelection })
        await expectSynchronized(propertySelection, reader)
        // Ten changes in two and a half seconds.
        await publish(10)
        const { state } = await expectSynchronized(propertySelection, reader)
        expect(state.properties?.[0]?.rows).toHaveLength(5)
        const seconds = reader.positions.slice(1).map(({ at }) => Math.floor(at / 1000))
        expect(seconds.length).toBeGreaterThan(0)
        expect(new Set(seconds).size).toBe(seconds.length)
        expect(reader.resets).toEqual([])
      })
    })

    /** Transports with frames. A poll has no cursor to resume from. */
    const frameTransports = options.transports.filter(name => name !== 'poll')

    describe.each(frameTransports)('%s reader', name => {
      it.each<[string, (cursor: StateAtCursor['cursor']) => StateAtCursor['cursor'], string]>([
        ['of an earlier epoch', ({ epoch, seq }) => ({ epoch: epoch - 1, seq }), 'epoch'],
        ['of a later epoch', ({ epoch, seq }) => ({ epoch: epoch + 1, seq }), 'epoch'],
        ['ahead of the server', ({ epoch, seq }) => ({ epoch, seq: seq + 1000 }), 'future'],
      ])(
        'is reset once with a cursor %s, and then has the right state',
        async (_, change, reason) => {
          await publish()
          const position = applySnapshot(undefined, await server.read(wideSelection))
          const reader = open(name, {
            initialPosition: { ...position, cursor: change(position.cursor) },
          })
          await vi.waitFor(() => expect(reader.resets).toEqual([reason]), networkWait)
          await publish()
          await expectSynchronized(wideSelection, reader)
          expect(reader.resets).toEqual([reason])
        },
      )
    })

    // A cached answer may be one real second old. The server's manual clock advances by minutes in that time.
    if (!options.isCached) describeExpiredCursors()

    function describeExpiredCursors(): void {
      describe('expired cursor', () => {
        let initialPosition: StateAtCursor | undefined
        beforeAll(async () => {
          await publish()
          initialPosition = applySnapshot(undefined, await server.read(wideSelection))
          // More frames than the server retains. The reads keep it publishing frames.
          for (let times = 0; times < 11; times++) {
            await publish(100)
            await server.read(wideSelection)
          }
        }, 60_000)

        it.each(frameTransports)('%s reader is reset once', async name => {
          const reader = open(name, { initialPosition })
          await vi.waitFor(() => expect(reader.resets).toEqual(['expired']), networkWait)
          await expectSynchronized(wideSelection, reader)
          expect(reader.resets).toEqual(['expired'])
          // The snapshot follows directly on the old position, without any of the missed frames.
          expect(reader.positions).toHaveLength(2)
        })
      })
    }

    /** All transports but those that consist of requests. */
    const heartbeatTransports = options.transports.filter(
      name => name !== 'long-poll' && name !== 'poll',
    )

    it.each(heartbeatTransports)(
      '%s reader recovers the last frame before a silence within a heartbeat',
      async name => {
        // Recent events do not change with time, so no later frame reveals the loss. Only the ping can.
        const feed = select(['recentEvents'])
        let losesFrames = false
        let lostCount = 0
        const reader = open(name, {
          selection: feed,
          isLost() {
            lostCount += losesFrames ? 1 : 0
            return losesFrames
          },
        })
        await expectSynchronized(feed, reader)
        losesFrames = true
        await publish()
        await vi.waitFor(() => expect(lostCount).toBe(1), networkWait)
        losesFrames = false
        const newest = await server.read(feed)
        expect(reader.position?.cursor).not.toEqual(parseCursor(newest.cursor))
        server.clock.advance(heartbeatMs)
        await expectSynchronized(feed, reader)
      },
    )

    if (options.transports.includes('websocket')) describeSelectionChanges()

    function describeSelectionChanges(): void {
      it('websocket reader changes its selection between frames and receives no more of the previous one', async () => {
        const reader = open('websocket', { selection: narrowSelection })
        const others = selections.map(selection => open('websocket', { selection }))
        await vi.waitFor(() => expect(reader.position).toBeDefined(), networkWait)
        const publishing = publish(40)
        for (let times = 0; times < 20; times++) {
          const index = (times * 5) % selections.length
          // Alternates between a fresh start and the position of another reader.
          reader.select?.(
            selections[index] ?? wideSelection,
            times % 3 ? others[index]?.position : undefined,
          )
          await new Promise(resolve => setImmediate(resolve))
        }
        await publishing
        for (const selection of [narrowSelection, wideSelection]) {
          reader.select?.(selection)
          await publish()
          await expectSynchronized(selection, reader)
        }
        expect([reader, ...others].flatMap(({ violations }) => violations)).toEqual([])
        expect(reader.resets).toEqual([])
      })
    }

    it('all transports deliver the same state, byte for byte, at the same cursor', async () => {
      const all = options.transports.map(name => open(name))
      await expectSynchronized(wideSelection, ...all)
      for (let times = 0; times < 20; times++) {
        await publish()
        // Lets every reader catch up, so that all of them have some cursors in common.
        if (times % Math.ceil(20 / syncCount) === 0) await expectSynchronized(wideSelection, ...all)
      }
      await expectSynchronized(wideSelection, ...all)
      const states = new Map<string, string>()
      let sharedCount = 0
      for (const position of all.flatMap(({ positions }) => positions)) {
        const cursor = formatCursor(position.cursor)
        const state = JSON.stringify(position)
        sharedCount += states.has(cursor) ? 1 : 0
        expect(state).toBe(states.get(cursor) ?? state)
        states.set(cursor, state)
      }
      expect(sharedCount).toBeGreaterThan(2 * syncCount)
    })

    it('a reader can switch between any two transports at any time', async () => {
      let position: StateAtCursor | undefined
      for (let times = 0; times < 24; times++) {
        const name = options.transports[(times * 7 + (times >> 2)) % options.transports.length]
        if (!name) throw new Error('ConformanceOptions.transports is empty.')
        const reader = open(name, { initialPosition: position })
        await publish(times % 3)
        const previous = position
        await vi.waitFor(() => expect(reader.position).toBeDefined(), networkWait)
        if (times % 4 === 0) await expectSynchronized(wideSelection, reader)
        expect(reader.violations).toEqual([])
        expect(reader.resets).toEqual([])
        position = reader.position
        expect(Number(position?.cursor.seq)).toBeGreaterThanOrEqual(previous?.cursor.seq ?? 0)
        reader.close()
      }
    })

    /** Forms of an If-None-Match header for a cursor. A cache understands only the standard ones. */
    function tagsOf(cursor: string): string[] {
      const tags = [`"${cursor}"`, `W/"${cursor}"`, `"x", "${cursor}"`, '*']
      return options.isCached ? tags : [...tags, `"${cursor}-gzip"`]
    }

    it('a poll gets 304 for its own ETag only, in every form that a proxy may give the tag', async () => {
      await publish()
      const url = `${server.siteUrl}/realtime?channels=currentVisitors&minutes=5`
      // A cached answer may be one second old.
      const first = await fetchPastCache(url)
      const { cursor } = (await first.json()) as Snapshot
      expect(first.headers.get('ETag')?.replace(/^W\//, '')).toBe(`"${cursor}"`)
      for (const tag of tagsOf(cursor)) {
        const response = await fetch(url, { headers: { 'If-None-Match': tag, ...cacheBuster() } })
        expect(response.status, tag).toBe(304)
        expect(response.headers.get('Access-Control-Allow-Origin'), tag).toBe('*')
      }
      for (const tag of ['"7.1"', `"${cursor}0"`, `"1${cursor}"`]) {
        const response = await fetch(url, { headers: { 'If-None-Match': tag, ...cacheBuster() } })
        expect(response.status, tag).toBe(200)
        expect((await response.json()) as Snapshot).toMatchObject({ cursor })
      }
    })

    it('a poll of a page gets 304 while only other pages change', async () => {
      const url = `${server.siteUrl}/realtime?channels=pageVisitors&path=/never`
      const first = await fetchPastCache(url)
      expect(await first.json()).toMatchObject({ pageVisitors: [{ path: '/never', visitors: 0 }] })
      await publish(3)
      const headers = { 'If-None-Match': first.headers.get('ETag') ?? '', ...cacheBuster() }
      expect((await fetch(url, { headers })).status).toBe(304)
    })

    it('a poll of a property gets 304 while only other properties change', async () => {
      const url = `${server.siteUrl}/realtime?channels=properties&property=never.sent`
      const first = await fetchPastCache(url)
      const row = { event: 'never', property: 'sent', rows: [] }
      expect(await first.json()).toMatchObject({ properties: [row] })
      await publish(5)
      const headers = { 'If-None-Match': first.headers.get('ETag') ?? '', ...cacheBuster() }
      expect((await fetch(url, { headers })).status).toBe(304)
    })

    it.each([
      ['realtime?channels=nothing', 400],
      ['realtime?channels=properties', 400],
      ['realtime?property=plan', 400],
      ['realtime?path=boots', 400],
      ['realtime/frames?since=1.1&channels=pageVisitors', 400],
      ['realtime/sse?channels=currentVisitors&path=/boots', 400],
      ['realtime/frames?since=latest', 400],
      ['realtime/sse?since=latest', 400],
      ['realtime/frames?since=1.1', 410],
      ['realtime/ws', 426],
      ['nowhere', 404],
    ])('the error of %s is readable across origins and not cacheable', async (path, status) => {
      const answer = await fetch(`${server.siteUrl}/${path}`)
      expect(answer.status).toBe(status)
      expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
      expect(answer.headers.get('Cache-Control')).toBe('no-store')
      expect(await answer.json()).toMatchObject({ status })
    })
  })
}

let requestCount = 0

/** A new header value per request, which makes the test cache skip stored answers. */
function cacheBuster(): Record<string, string> {
  return { 'X-Asked': String(++requestCount) }
}

async function fetchPastCache(url: string): Promise<Response> {
  return fetch(url, { headers: cacheBuster() })
}
