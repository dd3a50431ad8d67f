import {
  type ChannelName,
  type Cursor,
  type Patch,
  type Snapshot,
  type State,
  compareCursors,
  parseCursor,
  toSelection,
} from '@tidemark/protocol'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  type FakeServer,
  type Handshake,
  type FakeRequest,
  type FakeAnswer,
  createFakeServer,
} from './testing/fake-server.ts'
import type { ConnectionFaults } from './testing/model-connection.ts'
import { type ModelServer, createModelServer } from './testing/model-server.ts'
import { createClient, heartbeatMs, problem } from './testing/scenario.ts'
import type { LiveClient, LiveView } from './types.ts'

afterEach(() => void vi.useRealTimers())

const channels = ['currentVisitors', 'activePages', 'recentEvents'] as const satisfies ChannelName[]
const initialState: State = { currentVisitors: 0, activePages: [], recentEvents: [] }

// Random steps, and the time after each of them

const pollModes = [
  'fresh',
  'late',
  'cached',
  'old',
  'failure',
  'hang',
  'busy',
  'broken',
  'html',
  'siteUnknown',
] as const
type PollMode = (typeof pollModes)[number]

type Step =
  | { do: 'publish'; patches: Patch[] }
  | { do: 'nothing' }
  | { do: 'polls'; mode: PollMode }
  | { do: 'handshakes'; mode: Handshake; old: boolean }
  | { do: 'streams'; mode: FakeServer['streaming'] }
  | { do: 'framesRequests'; mode: 'fresh' | 'missing' | 'busy' }
  | { do: 'faults'; faults: ConnectionFaults }
  | { do: 'close'; code: number; retry: number }
  | {
      do: 'server'
      change: 'restart' | 'replace' | 'retire' | 'forget' | 'cut' | 'restore' | 'kill' | 'revive'
    }
  | { do: 'page'; change: 'hide' | 'show' | 'goOffline' | 'goOnline' | 'signal' }
  | { do: 'clock'; ms: number }
  | { do: 'subscribe'; channels: ChannelName[] }
  | { do: 'leave'; index: number }
  | { do: 'refresh' }

const path = fc.constantFrom('/', '/a', '/b')
const patch: fc.Arbitrary<Patch> = fc.oneof(
  fc.record({ currentVisitors: fc.nat(99) }),
  fc.record({
    activePages: fc.oneof(
      fc.record({ set: fc.tuple(fc.record({ path, visitors: fc.integer({ min: 1, max: 9 }) })) }),
      fc.record({ del: fc.tuple(path) }),
    ),
    currentVisitors: fc.nat(99),
  }),
  fc.nat(60).map((entry): Patch => {
    const row = { id: `${entry}-0`, type: 'pageview', name: 'page_view', timestamp: entry } as const
    return { recentEvents: { set: [row] } }
  }),
)

function weighted<const Do extends Step['do'], Rest>(
  weight: number,
  name: Do,
  rest: { [Key in keyof Rest]: fc.Arbitrary<Rest[Key]> },
): { weight: number; arbitrary: fc.Arbitrary<{ do: Do } & Rest> } {
  return { weight, arbitrary: fc.record(rest).map(each => ({ do: name, ...(each as Rest) })) }
}

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  weighted(6, 'publish', { patches: fc.array(patch, { minLength: 1, maxLength: 4 }) }),
  weighted(3, 'nothing', {}),
  weighted(2, 'polls', { mode: fc.constantFrom(...pollModes) }),
  weighted(2, 'handshakes', {
    mode: fc.constantFrom<Handshake[]>('accept', 'accept', 'refuse', 'hang', 'throw'),
    old: fc.boolean(),
  }),
  weighted(2, 'streams', {
    mode: fc.constantFrom<FakeServer['streaming'][]>('accept', 'accept', 'refuse', 'hang'),
  }),
  weighted(2, 'framesRequests', { mode: fc.constantFrom('fresh', 'fresh', 'missing', 'busy') }),
  weighted(2, 'faults', {
    faults: fc.record({
      lagMs: fc.constantFrom(0, 40, 700, 4000),
      framesToLose: fc.nat(2),
      doublesFrames: fc.boolean(),
      ignoresSubscriptions: fc.nat(4).map(chance => chance === 0),
    }),
  }),
  weighted(2, 'close', {
    code: fc.constantFrom(1000, 1006, 4408, 4409, 4413, 4429, 4503),
    retry: fc.constantFrom(0, 3000, 30_000),
  }),
  weighted(3, 'server', {
    change: fc.constantFrom(
      'restart',
      'replace',
      'replace',
      'retire',
      'forget',
      'cut',
      'restore',
      'kill',
      'revive',
    ),
  }),
  weighted(2, 'page', {
    change: fc.constantFrom('hide', 'show', 'goOffline', 'goOnline', 'signal'),
  }),
  weighted(1, 'clock', { ms: fc.constantFrom(-3_600_000, -7000, 7000, 3_600_000) }),
  weighted(2, 'subscribe', { channels: fc.subarray([...channels], { minLength: 1 }) }),
  weighted(2, 'leave', { index: fc.nat(3) }),
  weighted(1, 'refresh', {}),
)

const script = fc.array(
  fc.record({
    step: anyStep,
    thenMs: fc.constantFrom(0, 0, 1, 10, 300, 1500, 5000, 16_000, 40_000),
  }),
  // Includes long scripts: most faults need several steps in a row.
  { maxLength: 40, size: 'max' },
)

// The client and its environment

interface World {
  readonly server: FakeServer
  readonly model: ModelServer
  readonly client: LiveClient
  /** Current subscribers. */
  readonly subscribers: { channels: readonly ChannelName[]; leave: () => void }[]
  /** Incorrect views that a subscriber received. */
  readonly mistakes: unknown[]
  subscribe(channels: readonly ChannelName[]): void
  run(step: Step): Promise<void>
}

function createWorld(seed: number): World {
  const server = createFakeServer(seed)
  const model = createModelServer(server, initialState, heartbeatMs)
  const client = createClient(server, { transports: ['websocket', 'sse', 'long-poll'] })
  const subscribers: World['subscribers'] = []
  const mistakes: unknown[] = []
  let lastView: LiveView | undefined
  let hasRemovedChannels = false

  /** Returns the fault of a view: it must show the server's state at its cursor, and be no older than the last view. */
  function mistakeIn(view: LiveView): string | undefined {
    const cursor = cursorOf(view)
    const previous = lastView && cursorOf(lastView)
    // A removed channel may have changed after its replacement, so the cursor may be earlier within the epoch.
    const hasOtherChannels = hasRemovedChannels && !hasSameChannels(view, lastView)
    lastView = view
    const expected = new Map(Object.entries(model.stateAt(view.status.cursor ?? '') ?? {}))
    for (const [channel, value] of Object.entries(view.state)) {
      const isCorrect = JSON.stringify(value) === JSON.stringify(expected.get(channel))
      if (!isCorrect) return `${channel} differs from the server at this cursor`
    }
    if ((view.status.syncedAt ?? 0) > server.clock.now()) return 'syncedAt is in the future'
    if (!previous) return undefined
    if (!cursor) return 'the cursor is missing'
    const order = hasOtherChannels
      ? cursor.epoch - previous.epoch
      : compareCursors(cursor, previous)
    return order < 0 ? 'the cursor is older than the previous one' : undefined
  }

  const answerFrames = server.onFramesRequest
  const answers: Record<Exclude<PollMode, 'hang'>, (poll: FakeRequest) => FakeAnswer> = {
    fresh: model.fresh,
    cached: model.cached,
    old: model.old,
    // The current snapshot, delivered late.
    late: poll => new Response(slowly(JSON.stringify(model.fresh(poll)), poll)),
    failure: () => 'failure',
    busy: () => problem('too_busy', { 'Retry-After': '20' }),
    broken: () => new Response('{"cursor":"7.'),
    html: () => new Response('<html>', { status: 502 }),
    siteUnknown: () => problem('site_unknown'),
  }

  function subscribe(wanted: readonly ChannelName[]): void {
    const listener = (view: LiveView): void => {
      const mistake = mistakeIn(view)
      if (mistake !== undefined) mistakes.push({ mistake, view })
    }
    subscribers.push({ channels: wanted, leave: client.subscribe(wanted, listener) })
  }

  async function run(step: Step): Promise<void> {
    switch (step.do) {
      case 'publish':
        for (const next of step.patches) model.publish(next)
        return
      case 'polls':
        if (step.mode === 'hang') server.pausePolls()
        else server.answerPolls(answers[step.mode])
        return
      case 'handshakes':
        server.handshake = step.mode
        model.routesToOldProcess = step.old
        return
      case 'streams':
        server.streaming = step.mode
        return
      case 'framesRequests':
        server.onFramesRequest = {
          fresh: answerFrames,
          missing: () => problem('not_found'),
          busy: answers.busy,
        }[step.mode]
        return
      case 'faults':
        Object.assign(model.faults, step.faults)
        return
      case 'close':
        for (const socket of server.sockets) {
          socket.deliver({ type: 'bye', code: step.code, retry: step.retry })
          if (step.code === 1006) socket.fail()
          else if (socket.readyState > 0) socket.end(step.code)
        }
        for (const stream of server.streams) {
          stream.deliver({ type: 'bye', code: step.code, retry: step.retry })
          if (step.code === 1006) stream.fail()
          else stream.end()
        }
        return
      case 'server':
        if (step.change === 'forget') model.site.evictFrames()
        else if (step.change === 'restart' || step.change === 'replace' || step.change === 'retire')
          model[step.change]()
        else server[step.change]()
        return
      case 'page':
        server.page[step.change]()
        return
      case 'clock':
        // Delivers pending notifications before the clock changes.
        await server.clock.flush()
        server.clock.jump(step.ms)
        return
      case 'subscribe':
        subscribe(step.channels)
        return
      case 'leave':
        subscribers.splice(step.index % Math.max(1, subscribers.length), 1)[0]?.leave()
        hasRemovedChannels = true
        return
      case 'refresh':
        void client.refresh()
        break
      case 'nothing':
        break
      default:
        throw new TypeError(step satisfies never)
    }
  }

  server.streaming = 'accept'
  server.answerPolls(model.fresh)
  return { server, model, client, subscribers, mistakes, subscribe, run }
}

function slowly(text: string, { signal }: FakeRequest): ReadableStream {
  return new ReadableStream({
    start(body) {
      const timer = setTimeout(() => {
        body.enqueue(new TextEncoder().encode(text))
        body.close()
      }, 2500)
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        body.error(signal.reason)
      })
    },
  })
}

function cursorOf({ status }: LiveView): Cursor | undefined {
  return status.cursor === undefined ? undefined : parseCursor(status.cursor)
}

/** Returns whether two views have the same channels, and at least one. */
function hasSameChannels(view: LiveView, other: LiveView | undefined): boolean {
  const names = String(Object.keys(view.state))
  return names !== '' && names === String(Object.keys(other?.state ?? {}))
}

/** Returns a patch of every channel. */
function patchAll(times: number): Patch {
  const row = { id: `${100 + times}-0`, type: 'pageview', name: 'page_view', timestamp: 1 } as const
  return {
    currentVisitors: 100 + times,
    activePages: { set: [{ path: '/end', visitors: times }] },
    recentEvents: { set: [row] },
  }
}

/** Steps that end all faults. */
const recovery: readonly Step[] = [
  { do: 'server', change: 'restore' },
  { do: 'server', change: 'revive' },
  { do: 'server', change: 'retire' },
  { do: 'polls', mode: 'fresh' },
  { do: 'handshakes', mode: 'accept', old: false },
  {
    do: 'faults',
    faults: { lagMs: 0, framesToLose: 0, doublesFrames: false, ignoresSubscriptions: false },
  },
  { do: 'page', change: 'goOnline' },
  { do: 'page', change: 'show' },
]

/** Sum of the longest delays: upgrade pause, backoff, `bye`, handshake timeout, silence limit, two heartbeats. */
const recoveryMs = 310_000 + 60_000 + 30_000 + 8000 + 35_000 + 2 * heartbeatMs
/** Longest time until a long-polling client receives a frame. */
const longPollMs = 1000

describe('createLiveClient: random faults of server, network and page', () => {
  it("shows only states of the server in order, and ends with the server's state", async () => {
    await fc.assert(
      fc.asyncProperty(script, fc.boolean(), fc.nat(), async (steps, startsLive, seed) => {
        const world = createWorld(seed)
        const { client, model, server, subscribers } = world
        world.subscribe(['currentVisitors'])
        world.subscribe(['activePages'])
        if (startsLive) await server.clock.advance(1500)
        for (const { step, thenMs } of steps) {
          await world.run(step)
          if (thenMs > 0) await server.clock.advance(thenMs)
        }
        if (subscribers.length === 0) world.subscribe(['recentEvents'])
        for (const step of recovery) await world.run(step)
        await server.clock.advance(recoveryMs)

        const selection = toSelection(subscribers.flatMap(subscriber => subscriber.channels))
        if (!selection) throw new Error('The subscribers select no channel.')
        const expectState = (): void => {
          const snapshot: Partial<Snapshot> = model.site.snapshotOf(selection)
          const { cursor: _cursor, at: _at, windowMinutes: _minutes, ...state } = snapshot
          expect(client.view.state).toEqual(state)
          expect(client.view.status).toMatchObject({
            phase: 'live',
            stale: false,
            error: undefined,
          })
          expect(cursorOf(client.view)?.epoch).toBe(model.site.epoch)
        }
        expectState()
        // The frame after a lost frame reveals the gap.
        model.faults.framesToLose = 1
        for (let times = 1; times <= 2; times++) {
          model.publish(patchAll(times))
          await server.clock.advance(longPollMs)
        }
        expectState()
        // The next heartbeat reveals a lost last frame.
        model.faults.framesToLose = 1
        model.publish(patchAll(3))
        await server.clock.advance(heartbeatMs)
        expectState()
        expect(world.mistakes).toEqual([])

        for (const { leave } of subscribers) leave()
        await server.clock.advance(1)
        expect(server.page.listenerCount).toBe(0)
        expect(server.sockets.filter(({ readyState }) => readyState < 2)).toEqual([])
        expect(server.streams.filter(({ isOpen }) => isOpen)).toEqual([])
        // Pending work ends within a minute; a timer that remains would run forever.
        await server.clock.advance(60_000)
        expect(server.clock.pending).toBe(0)
      }),
      { numRuns: 250 },
    )
  }, 30_000)
})
