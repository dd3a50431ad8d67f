import { type ChannelName, type Selection, channelNames } from '@tidemark/protocol'
import type { LiveClient, LiveView, StreamingTransport } from '@tidemark/sdk/live'
import fc from 'fast-check'
import { expect, vi } from 'vitest'
import { type SentView, type TakenView, toComparable, toExpected } from './model.ts'
import { World } from './simulated-system.ts'

/** The channels of the widgets that a page may show. */
const widgets: readonly (readonly ChannelName[])[] = [
  ['currentVisitors'],
  ['activePages', 'recentEvents'],
  ['pageViews', 'devices'],
]

const selection: Selection = { channels: canonical(widgets.flat()), minutes: 5 }

type Step =
  | { do: 'view'; visitor: number; path: number; loses: boolean }
  | { do: 'resend' }
  | { do: 'wait'; ms: number }
  | { do: 'cut' | 'join' | 'block' | 'unblock' | 'halfOpen' | 'restart' | 'stale' | 'fresh' }
  | { do: 'buffer' | 'unbuffer' | 'drain' }
  /** A proxy holds requests no longer than this. */
  | { do: 'hold'; ms: number }
  /** The next messages that the server sends on its WebSockets are lost. */
  | { do: 'lose'; messages: number }
  | { do: 'latency'; ms: number }
  /** A widget with these channels comes or goes. */
  | { do: 'leave' | 'return'; widget: number }

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('view' as const),
      visitor: fc.nat(5),
      path: fc.nat(3),
      loses: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'resend' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.oneof(fc.nat(400), fc.nat(400), fc.nat(5000), fc.nat(30_000), fc.nat(400_000)),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'cut' as const,
        'join' as const,
        'block' as const,
        'unblock' as const,
        'halfOpen' as const,
        'restart' as const,
        'stale' as const,
        'fresh' as const,
        'buffer' as const,
        'unbuffer' as const,
        'drain' as const,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('hold' as const),
      ms: fc.constantFrom(100, 10_000, 60_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('leave' as const, 'return' as const),
      widget: fc.nat(widgets.length - 1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('lose' as const),
      messages: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('latency' as const),
      ms: fc.constantFrom(0, 5, 300, 2000),
    }),
  },
)

const anyLife = fc.array(anyStep, { maxLength: 40, size: 'max' })

/** What a reader may move up to. */
const anyLadder: fc.Arbitrary<StreamingTransport[]> = fc.oneof(
  fc.constant<StreamingTransport[]>(['websocket', 'sse', 'long-poll']),
  fc.subarray<StreamingTransport>(['websocket', 'sse', 'long-poll'], { minLength: 1 }),
)

/**
 * Drives random lives of a server, a network and a reader, and holds the reader to what the server
 * published at its cursor, at every moment, and to a plain model in the end.
 */
export async function checkLives(numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(anyLife, fc.nat(), anyLadder, async (steps, seed, ladder) => {
      vi.useFakeTimers({
        now: 1_800_000_000_000,
        toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'],
      })
      const life = await Life.start(seed, ladder)
      for (const each of steps) await life.take(each)
      await life.settle()
      await life.close()
      vi.useRealTimers()
    }),
    { numRuns },
  )
}

/** The longest that a reader rests before it tries a better transport, and what a try and a proof take. */
const longestRestMs = 310_000 + 60_000

/** One random life of a server and a reader. */
class Life {
  private readonly taken: TakenView[] = []
  private unanswered: SentView[] = []
  private n = 0
  private lastCursor: [number, number] = [0, 0]
  private lastChannels = ''
  private violation: Error | undefined
  private readonly shown = new Map<number, () => void>()
  private readonly world: World
  private readonly reader: LiveClient

  private constructor(world: World, ladder: readonly StreamingTransport[]) {
    this.world = world
    this.reader = world.reader(ladder)
  }

  static async start(seed: number, ladder: readonly StreamingTransport[]): Promise<Life> {
    const life = new Life(await World.open(seed), ladder)
    life.show(0)
    life.show(1)
    // Most of what can go wrong needs a reader that is live.
    await vi.advanceTimersByTimeAsync(2000)
    return life
  }

  /** What a listener found wrong is thrown here, where the property sees it. */
  async take(step: Step): Promise<void> {
    const { world } = this
    switch (step.do) {
      case 'view':
        await this.view(`v${step.visitor}`, `/p${step.path}`, step.loses)
        break
      case 'resend':
        await this.send(this.unanswered, false)
        break
      case 'wait':
        await vi.advanceTimersByTimeAsync(step.ms)
        break
      case 'cut':
        world.cut()
        break
      case 'join':
        world.network.isCut = false
        break
      case 'block':
      case 'unblock':
        world.network.isBlocked = step.do === 'block'
        break
      case 'stale':
      case 'fresh':
        world.network.isStale = step.do === 'stale'
        break
      case 'buffer':
      case 'unbuffer':
        world.network.isBuffering = step.do === 'buffer'
        break
      case 'hold':
        world.network.maxHoldMs = step.ms
        break
      case 'drain':
        world.drain()
        break
      case 'halfOpen':
        world.halfOpen()
        break
      case 'restart':
        await vi.advanceTimersByTimeAsync(1)
        await world.restart()
        break
      case 'latency':
        world.network.latencyMs = step.ms
        break
      case 'lose':
        world.loseMessages(step.messages)
        break
      case 'leave':
        this.shown.get(step.widget)?.()
        this.shown.delete(step.widget)
        break
      case 'return':
        this.show(step.widget)
        break
    }
    if (this.violation) throw this.violation
  }

  private show(widget: number): void {
    if (this.shown.has(widget)) return
    const leave = this.reader.subscribe(widgets[widget] ?? [], view => {
      try {
        this.check(view)
      } catch (violation) {
        this.violation ??= violation instanceof Error ? violation : new Error(String(violation))
      }
    })
    this.shown.set(widget, leave)
  }

  /** Everything works again, and after some time everything has arrived. */
  async settle(): Promise<void> {
    const { world, reader } = this
    Object.assign(world.network, {
      isCut: false,
      isBlocked: false,
      isBuffering: false,
      maxHoldMs: 60_000,
      isStale: false,
      latencyMs: 5,
    })
    for (const widget of widgets.keys()) await this.take({ do: 'return', widget })
    await this.send(this.unanswered, false)
    await vi.advanceTimersByTimeAsync(longestRestMs)
    // There is something to be seen again, and nothing that time changes in the seconds that follow.
    for (let visitor = 0; visitor < 3; visitor++) await this.view(`w${visitor}`, '/end', false)
    await vi.advanceTimersByTimeAsync(3000)
    // To just after a whole second, on which what moves with time has moved.
    await vi.advanceTimersByTimeAsync(1000 - (Date.now() % 1000) + 20)

    if (this.violation) throw this.violation
    const { cursor, state } = world.snapshot(selection)
    expect(reader.view.status).toMatchObject({ phase: 'live', stale: false, cursor })
    expect(reader.view.state).toEqual(state)

    // What time alone changes, it changes on whole seconds.
    const model = toExpected(this.taken, Math.floor(Date.now() / 1000) * 1000)
    expect(state.currentVisitors).toBe(model.currentVisitors)
    expect(new Map(state.activePages?.map(row => [row.path, row.visitors]))).toEqual(
      model.activePages,
    )
    expect(state.pageViews).toBe(model.pageViews)
    expect(toComparable(state.recentEvents ?? [])).toEqual(model.feed)
  }

  async close(): Promise<void> {
    for (const leave of this.shown.values()) leave()
    await this.world.close()
    // What was under way ends; what would go on for ever is still there.
    await vi.advanceTimersByTimeAsync(60_000)
    expect(vi.getTimerCount(), 'timers that nobody ended').toBe(0)
  }

  private async view(visitor: string, path: string, losesAnswer: boolean): Promise<void> {
    const view = { client: 'page', n: ++this.n, visitor, path, at: Date.now() }
    await this.send([view], losesAnswer)
  }

  private async send(views: readonly SentView[], losesAnswer: boolean): Promise<void> {
    if (views.length === 0) return
    const isCut = this.world.network.isCut
    const receivedAt = Date.now()
    const events = views.map(({ n, visitor, path, at }) => ({
      n,
      name: 'page_view',
      visitorId: visitor,
      url: `https://shop.test${path}`,
      timestamp: at,
    }))
    const verdict = await this.world.send('page', events, losesAnswer)
    if (!isCut) this.taken.push(...views.map(view => ({ ...view, receivedAt })))
    if (verdict) expect(verdict).toEqual({ accepted: views.length, rejected: [] })
    const sent = new Set(views)
    const others = this.unanswered.filter(view => !sent.has(view))
    this.unanswered = verdict ? others : [...others, ...views]
  }

  /** What holds whenever a reader is told something. */
  private check({ state, status }: LiveView): void {
    if (status.cursor === undefined) return
    const [epoch = 0, seq = 0] = status.cursor.split('.').map(Number)
    // Within an epoch only cursors of one selection compare.
    const channels = Object.keys(state).join()
    const [lastEpoch, lastSeq] = [
      this.lastCursor[0],
      this.lastChannels === channels ? this.lastCursor[1] : 0,
    ]
    this.lastChannels = channels
    expect(epoch > lastEpoch || (epoch === lastEpoch && seq >= lastSeq), 'goes back').toBe(true)
    this.lastCursor = [epoch, seq]
    const published = this.world.published.get(status.cursor)
    for (const [channel, value] of Object.entries(state)) {
      expect(value, channel).toEqual(published?.get(channel))
    }
  }
}

function canonical(names: readonly ChannelName[]): ChannelName[] {
  return channelNames.filter(name => names.includes(name))
}
