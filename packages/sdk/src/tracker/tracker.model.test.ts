import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  type FakeAnswer,
  type FakeWorld,
  type Received,
  accept,
  createFakeWorld,
  intercept,
  refuse,
} from './testing/fake-world.ts'
import { type Started, quiet, startTab } from './testing/start.ts'

/** Answers of the network and the server. `lost` ones store the events, but the browser does not learn it. */
const networks = [
  'works',
  'lost',
  'lost late',
  'truncated',
  'hangs',
  'offline',
  'busy',
  'blocked',
  'small',
] as const
type Network = (typeof networks)[number]

type Step =
  | { do: 'open' }
  | { do: 'track'; tab: number; count: number; bytes: number }
  | { do: 'crash' | 'close' | 'hide' | 'show' | 'freeze' | 'leave and return'; tab: number }
  | { do: 'network'; mode: Network }
  | { do: 'budget'; heldBytes: number; takesBeacons: boolean }
  | { do: 'clock'; ms: number }
  | { do: 'storage'; fault: 'none' | 'isBlocked' | 'isFull' | 'isBroken' | 'wiped' }

const hourMs = 3_600_000
const tab = fc.nat(9)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ do: 'open' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({
      ...{ do: fc.constant('track' as const), tab, count: fc.integer({ min: 1, max: 30 }) },
      bytes: fc.constantFrom(0, 900),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('crash', 'close', 'hide', 'show', 'freeze', 'leave and return'),
      tab,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('network' as const),
      mode: fc.constantFrom(...networks),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ do: fc.constant('budget' as const), heldBytes: fc.constantFrom(0, 40_000, 65_536) },
      takesBeacons: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('clock' as const),
      ms: fc.constantFrom(-2 * hourMs, -40_000, 40_000, 2 * hourMs),
    }),
  },
)
const storageStep: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('storage' as const),
  fault: fc.constantFrom('none', 'isBlocked', 'isFull', 'isBroken', 'wiped'),
})

/** Makes a list of steps, each with the time that passes after it. */
function toScript(steps: fc.Arbitrary<Step>): fc.Arbitrary<{ step: Step; thenMs: number }[]> {
  const thenMs = fc.constantFrom(0, 0, 50, 400, 3000, 35_000)
  return fc.array(fc.record({ step: steps, thenMs }), { minLength: 1, maxLength: 40 })
}

/** A server that counts each event once, by its client and number. */
interface ModelServer {
  mode: Network
  /** Ids of the accepted events by client and number. */
  readonly accepted: Map<string, string>
  /** Contradictions, such as two events with the same client and number. */
  readonly mistakes: string[]
  answer(request: Received): FakeAnswer
}

function createModelServer(): ModelServer {
  function store({ batch }: Received): void {
    for (const { n, properties } of batch.events) {
      // A `leave` has no number.
      if (n === undefined) continue
      const key = `${batch.client} ${n}`
      const id = String(properties?.id)
      const known = server.accepted.get(key)
      if (known !== undefined && known !== id) server.mistakes.push(`${key}: ${known} and ${id}`)
      server.accepted.set(key, id)
    }
  }

  const server: ModelServer = {
    mode: 'works',
    accepted: new Map(),
    mistakes: [],
    answer(request) {
      const { mode } = server
      if (mode === 'offline') return new TypeError('Failed to fetch')
      if (mode === 'hangs') return new Promise(() => {})
      if (mode === 'busy') return refuse(503, { 'Retry-After': '20' })
      if (mode === 'blocked') return intercept(403)
      if (mode === 'small' && request.bytes > 4000) return intercept(413)
      store(request)
      if (mode === 'lost') return new TypeError('Failed to fetch')
      if (mode === 'lost late') return new Promise(() => {})
      return mode === 'truncated' ? new Response('{"rej', { status: 202 }) : accept()
    },
  }
  return server
}

interface ModelBrowser {
  readonly world: FakeWorld
  readonly server: ModelServer
  readonly live: Started[]
  /** All tabs, also those that ended. */
  readonly tabs: Started[]
  /** Ids of the tracked events. */
  readonly tracked: string[]
  /** Events of tabs that ended. */
  readonly trackedByEnded: Set<string>
  run(step: Step): void
}

function createBrowser(): ModelBrowser {
  const world = createFakeWorld()
  const server = createModelServer()
  world.answer = server.answer
  const live: Started[] = []
  const tabs: Started[] = []
  const tracked: string[] = []
  const trackedBy = new Map<Started, string[]>()
  const trackedByEnded = new Set<string>()

  function open(): Started {
    const started = startTab(world, { ...quiet, persist: true })
    live.push(started)
    tabs.push(started)
    return started
  }

  function end(started: Started): void {
    live.splice(live.indexOf(started), 1)
    for (const id of trackedBy.get(started) ?? []) trackedByEnded.add(id)
  }

  function run(current: Step): void {
    if (current.do === 'open') return void (live.length < 5 && open())
    if (current.do === 'network') return void (server.mode = current.mode)
    if (current.do === 'clock') return world.turnClock(current.ms)
    if (current.do === 'storage') {
      const { faults, wipe } = world.storage
      Object.assign(faults, { isBlocked: false, isFull: false, isBroken: false })
      if (current.fault === 'wiped') wipe()
      else Object.assign(faults, { [current.fault]: true })
      return
    }
    if (current.do === 'budget') {
      world.heldKeepaliveBytes = current.heldBytes
      world.takesBeacons = current.takesBeacons
      return
    }
    const started = live[current.tab % live.length] ?? open()
    const { tab: page, tracker } = started
    if (current.do === 'track')
      for (let count = 0; count < current.count; count += 1) {
        const id = `event-${tracked.length}`
        tracked.push(id)
        trackedBy.set(started, [...(trackedBy.get(started) ?? []), id])
        tracker.track('e', { id, text: 'x'.repeat(current.bytes) })
      }
    else if (current.do === 'crash' || current.do === 'close') {
      page[current.do]()
      end(started)
    } else if (current.do === 'leave and return') {
      page.leave()
      page.restore()
    } else page[current.do]()
  }

  return { world, server, live, tabs, tracked, trackedByEnded, run }
}

/** The network works, all tabs are visible, and one more page is used for some minutes. */
async function recover({ world, server, live, tabs, tracked, run }: ModelBrowser): Promise<void> {
  server.mode = 'works'
  run({ do: 'budget', heldBytes: 0, takesBeacons: true })
  run({ do: 'storage', fault: 'none' })
  await world.pass(35_000)
  for (const { tab: page } of live) page.show()
  const last = startTab(world, { ...quiet, persist: true })
  tabs.push(last)
  for (let minute = 0; minute < 4; minute += 1) {
    const id = `event-${tracked.length}`
    tracked.push(id)
    last.tracker.track('e', { id })
    await world.pass(40_000)
  }
}

it('Tracker: several tabs with crashes, faults of the network and a clock that is set lose and repeat nothing', async () => {
  await fc.assert(
    fc.asyncProperty(toScript(step), async steps => {
      const browser = createBrowser()
      const { world, server, tabs, tracked } = browser
      world.storage.set('cart', '[]')
      for (const { step: current, thenMs } of steps) {
        browser.run(current)
        if (thenMs > 0) await world.pass(thenMs)
      }
      await recover(browser)

      const accepted = [...server.accepted.values()]
      expect(server.mistakes).toEqual([])
      // Nothing counts twice, and nothing is missing.
      expect(new Set(accepted).size).toBe(accepted.length)
      expect(accepted.toSorted()).toEqual(tracked.toSorted())
      expect(world.storage.keys()).toEqual(['cart'])
      const counts = tabs.map(({ tracker }) => tracker.counts)
      expect(counts.map(({ dropped, rejected }) => [dropped, rejected])).toEqual(
        counts.map(() => [0, 0]),
      )
      // Live tabs know it.
      for (const { tracker } of browser.live)
        expect([tracker.counts.waiting, tracker.state]).toEqual([0, 'active'])
    }),
    { numRuns: 100 },
  )
}, 30_000)

it('Tracker: faults of the storage lose events of tabs that ended at most, and repeat nothing', async () => {
  const steps = fc.oneof({ weight: 5, arbitrary: step }, { weight: 1, arbitrary: storageStep })
  await fc.assert(
    fc.asyncProperty(toScript(steps), async script => {
      const browser = createBrowser()
      const { world, server, tabs, tracked, trackedByEnded } = browser
      for (const { step: current, thenMs } of script) {
        browser.run(current)
        if (thenMs > 0) await world.pass(thenMs)
      }
      await recover(browser)

      const accepted = [...server.accepted.values()]
      expect(server.mistakes).toEqual([])
      expect(new Set(accepted).size).toBe(accepted.length)
      const known = new Set([...accepted, ...trackedByEnded])
      expect(tracked.filter(id => !known.has(id))).toEqual([])
      expect(world.storage.keys()).toEqual([])
      for (const { tracker } of tabs) expect(tracker.counts.dropped).toBe(0)
      for (const { tracker } of browser.live) expect(tracker.counts.waiting).toBe(0)
    }),
    { numRuns: 100 },
  )
}, 30_000)

it('Tracker: events of several tabs that exceed the bounds are accepted or counted as dropped', async () => {
  const many = fc.array(
    fc.record({ count: fc.integer({ min: 200, max: 700 }), bytes: fc.constantFrom(0, 900) }),
    { minLength: 1, maxLength: 4 },
  )
  await fc.assert(
    fc.asyncProperty(many, fc.boolean(), async (amounts, isTooLate) => {
      const browser = createBrowser()
      const { world, server, tabs, tracked } = browser
      server.mode = 'offline'
      for (const { count, bytes } of amounts) {
        browser.run({ do: 'open' })
        browser.run({ do: 'track', tab: browser.live.length - 1, count, bytes })
        browser.run({ do: 'crash', tab: browser.live.length - 1 })
        await world.pass(10_000)
      }
      if (isTooLate) world.turnClock(49 * hourMs)
      await recover(browser)
      const accepted = new Set(server.accepted.values())
      expect(accepted.size).toBe(server.accepted.size)
      const dropped = tabs.reduce((sum, { tracker }) => sum + tracker.counts.dropped, 0)
      expect(accepted.size + dropped).toBe(tracked.length)
      expect(world.storage.keys()).toEqual([])
    }),
    { numRuns: 10 },
  )
}, 30_000)
