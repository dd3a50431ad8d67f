import type { EventBatch, TrackedEvent } from '@tidemark/protocol'
import type { Page, PageSignal, TrackerPlatform } from '../platform.ts'

/** A request as the fake server received it. */
export interface Received {
  url: string
  batch: EventBatch
  method: 'fetch' | 'keepalive' | 'beacon'
  /** Arrival time, in milliseconds since the world was created. */
  atMs: number
  bytes: number
  init: RequestInit
}

/** An answer, a promise of one, or an error to reject with. */
export type Answer = Response | Promise<Response> | Error

/** A clock, a network, a server and a page under the test's control. */
export interface FakeWorld {
  platform: TrackerPlatform
  page: FakePage
  received: Received[]
  /** Answers each request. @default accepts everything */
  answer: (request: Received) => Answer
  /** The result of `random`. */
  random: number
  /** Advances the time: due timers run in order, with the promises that they start. */
  pass(ms: number): Promise<void>
  /** Runs pending promises without advancing the time. */
  settle(): Promise<void>
  /** Changes the wall clock, which does not affect timers. */
  turnClock(ms: number): void
  /** All received events in order, without heartbeats and leaves. */
  events(): TrackedEvent[]
  logged: string[]
  /** Number of pending timers. */
  timers(): number
}

export interface FakePage extends Page {
  href: string
  from: string
  heading: string
  visible: boolean
  optOut: boolean
  signal(signal: PageSignal): void
  /** Changes the URL, like `history.pushState`. */
  go(href: string, signal?: 'moved' | 'replaced'): void
  listeners: Set<(signal: PageSignal) => void>
}

export const worldBegan: number = Date.UTC(2026, 0, 1)

export function accept(rejected: { index: number; code: string }[] = []): Response {
  return Response.json({ accepted: 1, rejected }, { status: 202 })
}

export function refuse(status: number, headers: Record<string, string> = {}): Response {
  return Response.json({ status, code: 'nope' }, { status, headers })
}

export function createFakeWorld(): FakeWorld {
  let elapsedMs = 0
  let clockMs = worldBegan
  let ids = 0
  const timers = new Set<{ dueMs: number; run: () => void }>()
  const page = createFakePage()

  function receive(
    url: string,
    body: unknown,
    method: Received['method'],
    init: RequestInit,
  ): Answer {
    const text = String(body)
    const batch = JSON.parse(text) as EventBatch
    const bytes = new TextEncoder().encode(text).length
    const request: Received = { url, batch, method, atMs: elapsedMs, bytes, init }
    world.received.push(request)
    return world.answer(request)
  }

  const platform: TrackerPlatform = {
    now: () => clockMs,
    random: () => world.random,
    newId: () => `client-${(ids += 1)}`,
    after(delayMs, run) {
      const timer = { dueMs: elapsedMs + delayMs, run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    fetch(url, init) {
      const answer = receive(url, init.body, init.keepalive ? 'keepalive' : 'fetch', init)
      if (answer instanceof Error) return Promise.reject(answer)
      return new Promise((resolve, reject) => {
        init.signal?.addEventListener('abort', () => reject(new Error('aborted')))
        Promise.resolve(answer).then(resolve, reject)
      })
    },
    keepalive: true,
    sendBeacon: (url, body) => !(receive(url, body, 'beacon', {}) instanceof Error),
    log: message => void world.logged.push(message),
    page,
  }

  /** All work here consists of far fewer than a hundred microtasks. */
  async function settle(): Promise<void> {
    for (let task = 0; task < 100; task += 1) await Promise.resolve()
  }

  const world: FakeWorld = {
    platform,
    page,
    received: [],
    answer: () => accept(),
    random: 0.5,
    logged: [],
    settle,
    timers: () => timers.size,
    turnClock(ms) {
      clockMs += ms
    },
    events: () => world.received.flatMap(({ batch }) => batch.events).filter(({ n }) => n),
    async pass(ms) {
      const untilMs = elapsedMs + ms
      for (;;) {
        await settle()
        const [next] = [...timers].toSorted((a, b) => a.dueMs - b.dueMs)
        const toMs = Math.min(untilMs, Math.max(next?.dueMs ?? untilMs, elapsedMs))
        clockMs += toMs - elapsedMs
        elapsedMs = toMs
        if (!next || next.dueMs > untilMs) return
        timers.delete(next)
        next.run()
      }
    },
  }
  return world
}

function createFakePage(): FakePage {
  const page: FakePage = {
    href: 'https://shop.example/',
    from: 'https://search.example/',
    heading: 'Home',
    visible: true,
    optOut: false,
    listeners: new Set(),
    url: () => page.href,
    referrer: () => page.from,
    title: () => page.heading,
    isVisible: () => page.visible,
    hasOptOutSignal: () => page.optOut,
    automated: false,
    watch(listener) {
      page.listeners.add(listener)
      return () => page.listeners.delete(listener)
    },
    signal(signal) {
      if (signal === 'hidden' || signal === 'left') page.visible = false
      if (signal === 'visible' || signal === 'restored') page.visible = true
      for (const listener of page.listeners) listener(signal)
    },
    go(href, signal = 'moved') {
      page.href = new URL(href, page.href).href
      page.signal(signal)
    },
  }
  return page
}
