import {
  type ChannelName,
  type Cursor,
  type Patch,
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
  type Poll,
  createFakeServer,
} from './testing/fake-server.ts'
import { type ModelSite, createModelSite } from './testing/model-site.ts'
import { createClient, heartbeatMs, problem } from './testing/scenario.ts'
import { type Service, serveSite } from './testing/serve-site.ts'
import type { LiveClient, LiveView } from './types.ts'

afterEach(() => void vi.useRealTimers())

const offered = ['currentVisitors', 'activePages', 'recentEvents'] as const satisfies ChannelName[]
const beginning: State = { currentVisitors: 0, activePages: [], recentEvents: [] }

// What may happen

type PollMode =
  'fresh' | 'late' | 'stale' | 'failure' | 'hang' | 'busy' | 'broken' | 'html' | 'gone'

type Step =
  | { do: 'publish'; patches: Patch[] }
  | { do: 'wait'; ms: number }
  | { do: 'polls'; mode: PollMode }
  | { do: 'handshakes'; mode: Handshake }
  | {
      do: 'sockets'
      lagMs: number
      framesToLose: number
      doublesFrames: boolean
      ignoresSubscriptions: boolean
    }
  | { do: 'close'; code: number; retry: number }
  | { do: 'server'; what: 'restart' | 'replace' | 'forget' | 'cut' | 'restore' | 'kill' | 'revive' }
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
    const id = `${entry}-0`
    return {
      recentEvents: { set: [{ id, type: 'pageview', name: 'page_view', timestamp: entry }] },
    }
  }),
)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      patches: fc.array(patch, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 1, 300, 1500, 5000, 16_000, 40_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('polls' as const),
      mode: fc.constantFrom<PollMode[]>(
        'fresh',
        'late',
        'stale',
        'failure',
        'hang',
        'busy',
        'broken',
        'html',
        'gone',
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('handshakes' as const),
      mode: fc.constantFrom<Handshake[]>('accept', 'refuse', 'hang', 'throw'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('sockets' as const),
      lagMs: fc.constantFrom(0, 0, 40, 700, 4000),
      framesToLose: fc.nat(2),
      doublesFrames: fc.boolean(),
      ignoresSubscriptions: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('close' as const),
      code: fc.constantFrom(1000, 1006, 4408, 4409, 4413, 4429, 4503),
      retry: fc.constantFrom(0, 3000, 30_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('server' as const),
      what: fc.constantFrom('restart', 'replace', 'forget', 'cut', 'restore', 'kill', 'revive'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('page' as const),
      what: fc.constantFrom('hide', 'show', 'goOffline', 'goOnline', 'signal'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('clock' as const),
      ms: fc.constantFrom(-3_600_000, -7000, 7000, 3_600_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('subscribe' as const),
      channels: fc.subarray([...offered], { minLength: 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), which: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refresh' as const) }) },
)

// The world

interface World {
  readonly server: FakeServer
  readonly site: ModelSite
  readonly service: Service
  readonly client: LiveClient
  /** What each subscriber that is there takes, and how it leaves. */
  readonly subscribers: { channels: readonly ChannelName[]; leave: () => void }[]
  subscribe(channels: readonly ChannelName[]): void
  run(step: Step): Promise<void>
}

function createWorld(seed: number): World {
  const server = createFakeServer(seed)
  const site = createModelSite(beginning)
  const service = serveSite(server, site, heartbeatMs)
  const client = createClient(server)
  const subscribers: World['subscribers'] = []
  let seen: LiveView | undefined
  let hasShrunk = false

  /** Every view that is ever shown is the state as it was at its cursor, and never an earlier one. */
  function check(view: LiveView): void {
    const at = cursorOf(view)
    const whole = new Map(Object.entries(site.stateAt(view.status.cursor ?? '') ?? {}))
    for (const [channel, value] of Object.entries(view.state)) {
      expect(value).toEqual(whole.get(channel))
    }
    expect(view.status.syncedAt ?? 0).toBeLessThanOrEqual(server.clock.now())
    const before = seen && cursorOf(seen)
    // What was dropped may have changed later than what was taken in its place, but in the same epoch.
    const isOther =
      hasShrunk && String(Object.keys(view.state)) !== String(Object.keys(seen?.state ?? {}))
    if (before)
      expect(
        at && (isOther ? at.epoch - before.epoch : compareCursors(at, before)),
      ).toBeGreaterThanOrEqual(0)
    seen = view
  }

  function subscribe(channels: readonly ChannelName[]): void {
    subscribers.push({ channels, leave: client.subscribe(channels, check) })
  }

  function answerPolls(mode: PollMode): void {
    if (mode === 'hang') server.holdPolls()
    else server.answerPolls(poll => answer(mode, poll))
  }

  function answer(mode: Exclude<PollMode, 'hang'>, poll: Poll): Parameters<Poll['answer']>[0] {
    switch (mode) {
      case 'fresh':
        return service.fresh(poll)
      case 'late': {
        // As it is now, but heard of later.
        const snapshot = service.fresh(poll)
        return new Response(
          new ReadableStream({
            start(body) {
              setTimeout(() => {
                if (poll.isAborted) return
                body.enqueue(new TextEncoder().encode(JSON.stringify(snapshot)))
                body.close()
              }, 2500)
            },
          }),
        )
      }
      case 'stale':
        return service.stale(poll)
      case 'failure':
        return 'failure'
      case 'busy':
        return problem('too_busy', { 'Retry-After': '20' })
      case 'broken':
        return new Response('{"cursor":"7.')
      case 'html':
        return new Response('<html>', { status: 502 })
      case 'gone':
        return problem('site_unknown')
      default:
        throw new TypeError(mode satisfies never)
    }
  }

  async function run(each: Step): Promise<void> {
    switch (each.do) {
      case 'publish':
        for (const next of each.patches) site.publish(next)
        return
      case 'wait':
        return server.clock.advance(each.ms)
      case 'polls':
        return answerPolls(each.mode)
      case 'handshakes':
        server.handshake = each.mode
        return
      case 'sockets': {
        const { do: _, ...faults } = each
        Object.assign(service, faults)
        return
      }
      case 'close':
        for (const socket of server.sockets) {
          if (each.retry > 0) socket.say({ type: 'bye', code: each.code, retry: each.retry })
          if (each.code === 1006) socket.fail()
          else if (socket.readyState > 0) socket.end(each.code)
        }
        return
      case 'server':
        if (each.what === 'restart') for (const socket of server.sockets) socket.fail()
        if (each.what === 'restart' || each.what === 'replace') site.restart()
        else if (each.what === 'forget') site.forget()
        else server[each.what]()
        return
      case 'page':
        server.page[each.what]()
        return
      case 'clock':
        // What was seen before has been told before.
        await server.clock.settle()
        server.clock.jump(each.ms)
        return
      case 'subscribe':
        subscribe(each.channels)
        return
      case 'leave': {
        const [gone] = subscribers.splice(each.which % Math.max(1, subscribers.length), 1)
        gone?.leave()
        hasShrunk = true
        return
      }
      case 'refresh':
        void client.refresh()
        return
      default:
        throw new TypeError(each satisfies never)
    }
  }

  answerPolls('fresh')
  return { server, site, service, client, subscribers, subscribe, run }
}

function cursorOf({ status }: LiveView): Cursor | undefined {
  return status.cursor === undefined ? undefined : parseCursor(status.cursor)
}

/** Everything works again. */
const calm: readonly Step[] = [
  { do: 'server', what: 'restore' },
  { do: 'server', what: 'revive' },
  { do: 'polls', mode: 'fresh' },
  { do: 'handshakes', mode: 'accept' },
  { do: 'sockets', lagMs: 0, framesToLose: 0, doublesFrames: false, ignoresSubscriptions: false },
  { do: 'page', what: 'goOnline' },
  { do: 'page', what: 'show' },
]

/** The longest waits there are: a backoff, a handshake that hangs, a connection that is silent, a heartbeat. */
const calmMs = 60_000 + 20_000 + 8000 + 35_000 + 2 * heartbeatMs

describe('whatever happens between a server and a page', () => {
  it('no view is wrong or goes back, and in the end the state is that of the server', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.nat(), async (script, seed) => {
        const world = createWorld(seed)
        const { client, server, site } = world
        world.subscribe(['currentVisitors', 'activePages'])
        for (const each of script) await world.run(each)
        if (world.subscribers.length === 0) world.subscribe(['recentEvents'])
        for (const each of calm) await world.run(each)
        world.service.retire()
        await server.clock.advance(calmMs)
        site.publish({ currentVisitors: 1000 })
        site.publish({ activePages: { set: [{ path: '/end', visitors: 1 }] } })
        await server.clock.settle()

        const channels = world.subscribers.flatMap(subscriber => subscriber.channels)
        const selection = toSelection(channels)
        if (!selection) throw new Error('Nothing is selected.')
        const { cursor, at: _at, windowMinutes: _minutes, ...state } = site.snapshotOf(selection)
        expect(client.view.state).toEqual(state)
        expect(client.view.status).toMatchObject({ phase: 'live', stale: false, error: undefined })
        expect(parseCursor(client.view.status.cursor ?? '')?.epoch).toBe(site.epoch)
        if (selection.channels.length === offered.length)
          expect(client.view.status.cursor).toBe(cursor)

        for (const { leave } of world.subscribers) leave()
        await server.clock.advance(1)
        expect(server.page.listenerCount).toBe(0)
        expect(server.sockets.filter(({ readyState }) => readyState < 2)).toEqual([])
      }),
      { numRuns: 3000 },
    )
  }, 300_000)
})
