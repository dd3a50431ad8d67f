import { type ChannelName, type Selection, channelNames } from '@tidemark/protocol'
import {
  type LiveClient,
  type LiveView,
  type StreamingTransport,
  streamingTransports,
} from '@tidemark/sdk/live'
import fc from 'fast-check'
import { expect, vi } from 'vitest'
import { type SentView, type ReceivedView, toComparable, toExpected } from './model.ts'
import { SimulatedSystem, healthyNetwork } from './simulated-system.ts'

/** Channels of each widget that a page can show. */
const widgets: readonly (readonly ChannelName[])[] = [
  ['currentVisitors'],
  ['activePages', 'recentEvents'],
  ['pageViews', 'devices'],
]

const selection: Selection = {
  channels: inChannelOrder(widgets.flat()),
  minutes: 5,
  paths: [],
  properties: [],
}

type Step =
  | { do: 'view'; visitor: number; path: number; losesAnswer: boolean }
  | { do: 'resend' }
  | { do: 'wait'; ms: number }
  | { do: 'cut' | 'uncut' | 'block' | 'unblock' | 'halfOpen' | 'restart' | 'stale' | 'fresh' }
  | { do: 'buffer' | 'unbuffer' | 'disconnect' }
  /** Sets the time after which a proxy ends an open request. */
  | { do: 'limitRequests'; ms: number }
  /** Drops the next messages of the server on every connection. */
  | { do: 'dropMessages'; messages: number }
  | { do: 'latency'; ms: number }
  /** Mounts or unmounts a widget. */
  | { do: 'unmount' | 'mount'; widget: number }

const simulationSteps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('view' as const),
      visitor: fc.nat(5),
      path: fc.nat(3),
      losesAnswer: fc.boolean(),
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
        'uncut' as const,
        'block' as const,
        'unblock' as const,
        'halfOpen' as const,
        'restart' as const,
        'stale' as const,
        'fresh' as const,
        'buffer' as const,
        'unbuffer' as const,
        'disconnect' as const,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('limitRequests' as const),
      ms: fc.constantFrom(100, 10_000, 60_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('unmount' as const, 'mount' as const),
      widget: fc.nat(widgets.length - 1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('dropMessages' as const),
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

const stepSequences = fc.array(simulationSteps, { maxLength: 40, size: 'max' })

/** Streaming transports that a reader may use. */
const transportOptions: fc.Arbitrary<StreamingTransport[]> = fc.oneof(
  fc.constant<StreamingTransport[]>([...streamingTransports]),
  fc.subarray<StreamingTransport>([...streamingTransports], { minLength: 1 }),
)

/**
 * Runs random steps on a server, a network and a live client. At every notification, the client must show the state
 * that the server published at its cursor. At the end, the state must match a plain model.
 */
export async function checkSimulations(numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(stepSequences, fc.nat(), transportOptions, async (steps, seed, transports) => {
      vi.useFakeTimers({
        now: 1_800_000_000_000,
        toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'],
      })
      const simulation = await Simulation.start(seed, transports)
      for (const step of steps) await simulation.run(step)
      await simulation.expectConverged()
      await simulation.close()
      vi.useRealTimers()
    }),
    { numRuns },
  )
}

/** Longest wait before an upgrade attempt, plus the time for an attempt and its proof, in milliseconds. */
const longestUpgradeMs = 310_000 + 60_000

/** One simulated run of a server and a live client. */
class Simulation {
  private readonly received: ReceivedView[] = []
  private unanswered: SentView[] = []
  private lastNumber = 0
  private lastCursor: [number, number] = [0, 0]
  private lastChannels = ''
  private violation: Error | undefined
  private readonly unsubscribers = new Map<number, () => void>()
  private readonly system: SimulatedSystem
  private readonly reader: LiveClient

  private constructor(system: SimulatedSystem, transports: readonly StreamingTransport[]) {
    this.system = system
    this.reader = system.createReader(transports)
  }

  static async start(seed: number, transports: readonly StreamingTransport[]): Promise<Simulation> {
    const simulation = new Simulation(await SimulatedSystem.open(seed), transports)
    simulation.subscribe(0)
    simulation.subscribe(1)
    // Most faults need a reader that is already live.
    await vi.advanceTimersByTimeAsync(2000)
    return simulation
  }

  /** Runs a step. Throws the violations that listeners found, so that the property fails. */
  async run(step: Step): Promise<void> {
    const { system } = this
    switch (step.do) {
      case 'view':
        await this.sendView(`v${step.visitor}`, `/p${step.path}`, step.losesAnswer)
        break
      case 'resend':
        await this.send(this.unanswered, false)
        break
      case 'wait':
        await vi.advanceTimersByTimeAsync(step.ms)
        break
      case 'cut':
        system.cutNetwork()
        break
      case 'uncut':
        system.network.isCut = false
        break
      case 'block':
      case 'unblock':
        system.network.blocksWebSockets = step.do === 'block'
        break
      case 'stale':
      case 'fresh':
        system.network.servesStalePolls = step.do === 'stale'
        break
      case 'buffer':
      case 'unbuffer':
        system.network.blocksStreams = step.do === 'buffer'
        break
      case 'limitRequests':
        system.network.maxRequestMs = step.ms
        break
      case 'disconnect':
        system.disconnectReaders()
        break
      case 'halfOpen':
        system.silenceConnections()
        break
      case 'restart':
        await vi.advanceTimersByTimeAsync(1)
        await system.restart()
        break
      case 'latency':
        system.network.latencyMs = step.ms
        break
      case 'dropMessages':
        system.loseMessages(step.messages)
        break
      case 'unmount':
        this.unsubscribers.get(step.widget)?.()
        this.unsubscribers.delete(step.widget)
        break
      case 'mount':
        this.subscribe(step.widget)
        break
    }
    if (this.violation) throw this.violation
  }

  private subscribe(widget: number): void {
    if (this.unsubscribers.has(widget)) return
    const unsubscribe = this.reader.subscribe(widgets[widget] ?? [], view => {
      try {
        this.checkView(view)
      } catch (violation) {
        this.violation ??= violation instanceof Error ? violation : new Error(String(violation))
      }
    })
    this.unsubscribers.set(widget, unsubscribe)
  }

  /** Repairs the network, waits for delivery, and compares the final state with the server and the model. */
  async expectConverged(): Promise<void> {
    const { system, reader } = this
    Object.assign(system.network, healthyNetwork)
    for (const widget of widgets.keys()) await this.run({ do: 'mount', widget })
    await this.send(this.unanswered, false)
    await vi.advanceTimersByTimeAsync(longestUpgradeMs)
    // These views make the state non-empty again, and they stay active in the seconds that follow.
    for (let visitor = 0; visitor < 3; visitor++) await this.sendView(`w${visitor}`, '/end', false)
    await vi.advanceTimersByTimeAsync(3000)
    // Advances to just after a whole second, when the time-dependent values have changed.
    await vi.advanceTimersByTimeAsync(1000 - (Date.now() % 1000) + 20)

    if (this.violation) throw this.violation
    const { cursor, state } = system.snapshot(selection)
    expect(reader.view.status).toMatchObject({ phase: 'live', stale: false, cursor })
    expect(reader.view.state).toEqual(state)

    // Values that change with time change on whole seconds.
    const model = toExpected(this.received, Math.floor(Date.now() / 1000) * 1000)
    expect(state.currentVisitors).toBe(model.currentVisitors)
    expect(new Map(state.activePages?.map(row => [row.path, row.visitors]))).toEqual(
      model.activePages,
    )
    expect(state.pageViews).toBe(model.pageViews)
    expect(toComparable(state.recentEvents ?? [])).toEqual(model.feed)
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.unsubscribers.values()) unsubscribe()
    await this.system.close()
    // Lets pending work end. A timer that is still active after this time would never end.
    await vi.advanceTimersByTimeAsync(60_000)
    expect(vi.getTimerCount(), 'number of active timers after close').toBe(0)
  }

  private async sendView(visitor: string, path: string, losesAnswer: boolean): Promise<void> {
    const view = { client: 'page', n: ++this.lastNumber, visitor, path, at: Date.now() }
    await this.send([view], losesAnswer)
  }

  private async send(views: readonly SentView[], losesAnswer: boolean): Promise<void> {
    if (views.length === 0) return
    const isCut = this.system.network.isCut
    const receivedAt = Date.now()
    const events = views.map(({ n, visitor, path, at }) => ({
      n,
      name: 'page_view',
      visitorId: visitor,
      url: `https://shop.test${path}`,
      timestamp: at,
    }))
    const verdict = await this.system.send('page', events, losesAnswer)
    if (!isCut) this.received.push(...views.map(view => ({ ...view, receivedAt })))
    if (verdict) expect(verdict).toEqual({ accepted: views.length, rejected: [] })
    const sent = new Set(views)
    const others = this.unanswered.filter(view => !sent.has(view))
    this.unanswered = verdict ? others : [...others, ...views]
  }

  /** Checks one notification: the cursor never goes back, and the state is the one published at that cursor. */
  private checkView({ state, status }: LiveView): void {
    if (status.cursor === undefined) return
    const [epoch = 0, seq = 0] = status.cursor.split('.').map(Number)
    // Within an epoch, only cursors of the same selection are comparable.
    const channels = Object.keys(state).join()
    const [lastEpoch, lastSeq] = [
      this.lastCursor[0],
      this.lastChannels === channels ? this.lastCursor[1] : 0,
    ]
    this.lastChannels = channels
    expect(
      epoch > lastEpoch || (epoch === lastEpoch && seq >= lastSeq),
      `cursor ${status.cursor} is not older than ${lastEpoch}.${lastSeq}`,
    ).toBe(true)
    this.lastCursor = [epoch, seq]
    const published = this.system.published.get(status.cursor)
    for (const [channel, value] of Object.entries(state)) {
      expect(value, channel).toEqual(published?.get(channel))
    }
  }
}

function inChannelOrder(names: readonly ChannelName[]): ChannelName[] {
  return channelNames.filter(name => names.includes(name))
}
