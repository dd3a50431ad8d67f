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
const beginning: State = { currentVisitors: 0, activePages: [], recentEvents: [] }

// What may happen, and how long it is then until the next thing does

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
  'gone',
] as const
type PollMode = (typeof pollModes)[number]

type Step =
  | { do: 'publish'; patches: Patch[] }
  | { do: 'nothing' }
  | { do: 'polls'; mode: PollMode }
  | { do: 'handshakes'; mode: Handshake; old: boolean }
  | { do: 'streams'; mode: FakeServer['streaming'] }
  | { do: 'questions'; mode: 'fresh' | 'missing' | 'busy' }
  | { do: 'wire'; faults: ConnectionFaults }
  | { do: 'close'; code: number; retry: number }
  | {
      do: 'server'
      what: 'restart' | 'replace' | 'retire' | 'forget' | 'cut' | 'restore' | 'kill' | 'revive'
    }
  | { do: 'page'; what: 'hide' | 'show' | 'goOffline' | 'goOnline' | 'signal' }
  | { do: 'clock'; ms: number }
  | { do: 'subscribe'; channels: ChannelName[] }
  | { do: 'leave'; which: number }
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

function a<const Do extends Step['do'], Rest>(
  weight: number,
  name: Do,
  rest: { [Key in keyof Rest]: fc.Arbitrary<Rest[Key]> },
): { weight: number; arbitrary: fc.Arbitrary<{ do: Do } & Rest> } {
  return { weight, arbitrary: fc.record(rest).map(each => ({ do: name, ...(each as Rest) })) }
}

const happening: fc.Arbitrary<Step> = fc.oneof(
  a(6, 'publish', { patches: fc.array(patch, { minLength: 1, maxLength: 4 }) }),
  a(3, 'nothing', {}),
  a(2, 'polls', { mode: fc.constantFrom(...pollModes) }),
  a(2, 'handshakes', {
    mode: fc.constantFrom<Handshake[]>('accept', 'accept', 'refuse', 'hang', 'throw'),
    old: fc.boolean(),
  }),
  a(2, 'streams', {
    mode: fc.constantFrom<FakeServer['streaming'][]>('accept', 'accept', 'refuse', 'hang'),
  }),
  a(2, 'questions', { mode: fc.constantFrom('fresh', 'fresh', 'missing', 'busy') }),
  a(2, 'wire', {
    faults: fc.record({
      lagMs: fc.constantFrom(0, 40, 700, 4000),
      framesToLose: fc.nat(2),
      doublesFrames: fc.boolean(),
      ignoresSubscriptions: fc.nat(4).map(chance => chance === 0),
    }),
  }),
  a(2, 'close', {
    code: fc.constantFrom(1000, 1006, 4408, 4409, 4413, 4429, 4503),
    retry: fc.constantFrom(0, 3000, 30_000),
  }),
  a(3, 'server', {
    what: fc.constantFrom(
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
  a(2, 'page', { what: fc.constantFrom('hide', 'show', 'goOffline', 'goOnline', 'signal') }),
  a(1, 'clock', { ms: fc.constantFrom(-3_600_000, -7000, 7000, 3_600_000) }),
  a(2, 'subscribe', { channels: fc.subarray([...channels], { minLength: 1 }) }),
  a(2, 'leave', { which: fc.nat(3) }),
  a(1, 'refresh', {}),
)

const script = fc.array(
  fc.record({
    step: happening,
    thenMs: fc.constantFrom(0, 0, 1, 10, 300, 1500, 5000, 16_000, 40_000),
  }),
  // Long ones, too: most of what can go wrong takes several things after one another.
  { maxLength: 40, size: 'max' },
)

// The world in which it happens

interface World {
  readonly server: FakeServer
  readonly model: ModelServer
  readonly client: LiveClient
  /** Those that are there: what each takes, and how it leaves. */
  readonly subscribers: { channels: readonly ChannelName[]; leave: () => void }[]
  /** What was wrong with the views that a subscriber was shown. */
  readonly mistakes: unknown[]
  subscribe(channels: readonly ChannelName[]): void
  run(step: Step): Promise<void>
}

function createWorld(seed: number): World {
  const server = createFakeServer(seed)
  const model = createModelServer(server, beginning, heartbeatMs)
  const client = createClient(server, { transports: ['websocket', 'sse', 'long-poll'] })
  const subscribers: World['subscribers'] = []
  const mistakes: unknown[] = []
  let seen: LiveView | undefined
  let hasShrunk = false

  /** What is wrong with a view: each is the state as it was at its cursor, and none is an earlier one. */
  function mistakeIn(view: LiveView): string | undefined {
    const at = cursorOf(view)
    const before = seen && cursorOf(seen)
    // What was dropped may have changed later than what is there in its place, but in the same epoch.
    const isSwapped = hasShrunk && !isOfSameChannels(view, seen)
    seen = view
    const whole = new Map(Object.entries(model.stateAt(view.status.cursor ?? '') ?? {}))
    for (const [channel, value] of Object.entries(view.state)) {
      const wasSo = JSON.stringify(value) === JSON.stringify(whole.get(channel))
      if (!wasSo) return `${channel} was never so`
    }
    if ((view.status.syncedAt ?? 0) > server.clock.now()) return 'from the future'
    if (!before) return undefined
    const order = at ? (isSwapped ? at.epoch - before.epoch : compareCursors(at, before)) : -1
    return order < 0 ? 'gone back' : undefined
  }

  const askModel = server.onFramesRequest
  const answers: Record<Exclude<PollMode, 'hang'>, (poll: FakeRequest) => FakeAnswer> = {
    fresh: model.fresh,
    cached: model.cached,
    old: model.old,
    // As it is now, but heard of later.
    late: poll => new Response(slowly(JSON.stringify(model.fresh(poll)), poll)),
    failure: () => 'failure',
    busy: () => problem('too_busy', { 'Retry-After': '20' }),
    broken: () => new Response('{"cursor":"7.'),
    html: () => new Response('<html>', { status: 502 }),
    gone: () => problem('site_unknown'),
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
      case 'questions':
        server.onFramesRequest = {
          fresh: askModel,
          missing: () => problem('not_found'),
          busy: answers.busy,
        }[step.mode]
        return
      case 'wire':
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
        if (step.what === 'forget') model.site.evictFrames()
        else if (step.what === 'restart' || step.what === 'replace' || step.what === 'retire')
          model[step.what]()
        else server[step.what]()
        return
      case 'page':
        server.page[step.what]()
        return
      case 'clock':
        // What was seen before has been told before.
        await server.clock.flush()
        server.clock.jump(step.ms)
        return
      case 'subscribe':
        subscribe(step.channels)
        return
      case 'leave':
        subscribers.splice(step.which % Math.max(1, subscribers.length), 1)[0]?.leave()
        hasShrunk = true
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

/** Whether two views show the same channels; two that show none tell nothing. */
function isOfSameChannels(view: LiveView, other: LiveView | undefined): boolean {
  const names = String(Object.keys(view.state))
  return names !== '' && names === String(Object.keys(other?.state ?? {}))
}

/** A change of every channel. */
function everything(times: number): Patch {
  const row = { id: `${100 + times}-0`, type: 'pageview', name: 'page_view', timestamp: 1 } as const
  return {
    currentVisitors: 100 + times,
    activePages: { set: [{ path: '/end', visitors: times }] },
    recentEvents: { set: [row] },
  }
}

/** Everything works again. */
const calm: readonly Step[] = [
  { do: 'server', what: 'restore' },
  { do: 'server', what: 'revive' },
  { do: 'server', what: 'retire' },
  { do: 'polls', mode: 'fresh' },
  { do: 'handshakes', mode: 'accept', old: false },
  {
    do: 'wire',
    faults: { lagMs: 0, framesToLose: 0, doublesFrames: false, ignoresSubscriptions: false },
  },
  { do: 'page', what: 'goOnline' },
  { do: 'page', what: 'show' },
]

/** The longest waits there are: a rest of the ladder, a backoff and a `bye`, a handshake that hangs, silence, two heartbeats. */
const calmMs = 310_000 + 60_000 + 30_000 + 8000 + 35_000 + 2 * heartbeatMs
/** What a reader that asks for frames takes to hear of one. */
const longPollMs = 1000

describe('whatever happens between a server and a page', () => {
  it('no view is wrong or goes back, and in the end the state is that of the server', async () => {
    await fc.assert(
      fc.asyncProperty(script, fc.boolean(), fc.nat(), async (steps, beginsLive, seed) => {
        const world = createWorld(seed)
        const { client, model, server, subscribers } = world
        world.subscribe(['currentVisitors'])
        world.subscribe(['activePages'])
        if (beginsLive) await server.clock.advance(1500)
        for (const { step, thenMs } of steps) {
          await world.run(step)
          if (thenMs > 0) await server.clock.advance(thenMs)
        }
        if (subscribers.length === 0) world.subscribe(['recentEvents'])
        for (const step of calm) await world.run(step)
        await server.clock.advance(calmMs)

        const selection = toSelection(subscribers.flatMap(subscriber => subscriber.channels))
        if (!selection) throw new Error('Nothing is selected.')
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
        // A frame that is lost is missed by the next one,
        model.faults.framesToLose = 1
        for (let times = 1; times <= 2; times++) {
          model.publish(everything(times))
          await server.clock.advance(longPollMs)
        }
        expectState()
        // and the last one by the next heartbeat.
        model.faults.framesToLose = 1
        model.publish(everything(3))
        await server.clock.advance(heartbeatMs)
        expectState()
        expect(world.mistakes).toEqual([])

        for (const { leave } of subscribers) leave()
        await server.clock.advance(1)
        expect(server.page.listenerCount).toBe(0)
        expect(server.sockets.filter(({ readyState }) => readyState < 2)).toEqual([])
        expect(server.streams.filter(({ isOpen }) => isOpen)).toEqual([])
        // What was under way ends; what would go on for ever is still there.
        await server.clock.advance(60_000)
        expect(server.clock.pending).toBe(0)
      }),
      { numRuns: 250 },
    )
  }, 30_000)
})
