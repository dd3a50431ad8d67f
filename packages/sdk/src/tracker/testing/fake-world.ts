import type { EventBatch, TrackedEvent } from '@tidemark/protocol'
import type { Host } from '../host.ts'
import { type FakePage, type PageOptions, createFakePage } from './fake-page.ts'
import { type FakeStorage, createFakeStorage } from './fake-storage.ts'

/** A request as the fake server received it. */
export interface Received {
  url: string
  batch: EventBatch
  method: 'fetch' | 'keepalive' | 'beacon'
  /** Arrival time, in milliseconds since the world was created. */
  atMs: number
  bytes: number
  body: unknown
  init: RequestInit
}

/** An answer, a promise of one, or an error to reject with. */
export type FakeAnswer = Response | Promise<Response> | Error

/** One page of the world's browser. */
export interface FakeTab extends FakePage {
  /** The globals of the page, for the tracker. A test may replace any of them. */
  readonly host: Host
  /** Ends the page without a signal. Requests without keepalive end with it. */
  crash(): void
  /** The visitor closes the tab. */
  close(): void
}

/** A clock, a network, a server and a browser under the test's control. */
export interface FakeWorld {
  /** The first tab. */
  readonly tab: FakeTab
  readonly storage: FakeStorage
  readonly received: Received[]
  /** Answers each request. @default accepts everything */
  answer: (request: Received) => FakeAnswer
  /** The result of `random`; calls differ by less than 1e-9. */
  random: number
  /** Bytes of keepalive requests that other scripts have pending. */
  heldKeepaliveBytes: number
  /** Whether `sendBeacon` takes a body. @default true */
  takesBeacons: boolean
  /** Opens another tab with the same storage. */
  open(options?: PageOptions): FakeTab
  /** Advances the time: due timers run in order, with the promises that they start. */
  pass(ms: number): Promise<void>
  /** Runs pending promises without advancing the time. */
  settle(): Promise<void>
  /** Sets the wall clock forward or back. Timers and the monotonic clock do not notice. */
  turnClock(ms: number): void
  /** Current time by the wall clock, in milliseconds since 1970. */
  now(): number
  /** All received events in order, without heartbeats and leaves. */
  events(): TrackedEvent[]
  /** Number of pending timers, without timeouts of requests. */
  timers(): number
}

interface FakeTimer {
  dueMs: number
  run: () => void
  isAlive: () => boolean
}

export const worldBegan: number = Date.UTC(2026, 0, 1)

export const keepaliveBudgetBytes = 65_536

export function accept(rejected: { index: number; code: string }[] = []): Response {
  return Response.json({ accepted: 1, rejected }, { status: 202 })
}

/** A refusal by the server itself. */
export function refuse(status: number, headers: Record<string, string> = {}): Response {
  return Response.json(
    { status, code: 'nope' },
    { status, headers: { 'Content-Type': 'application/problem+json', ...headers } },
  )
}

/** An answer of a proxy, a firewall or a captive portal. */
export function intercept(status: number, headers: Record<string, string> = {}): Response {
  return new Response('<html>Sorry</html>', {
    status,
    headers: { 'Content-Type': 'text/html', ...headers },
  })
}

export function createFakeWorld(options: PageOptions = {}): FakeWorld {
  let elapsedMs = 0
  let clockMs = worldBegan
  let randoms = 0
  let pendingKeepaliveBytes = 0
  const timers = new Set<FakeTimer>()
  /** Timeouts of requests. */
  const timeouts = new Set<FakeTimer>()
  const storage = createFakeStorage()

  function receive(
    url: string,
    body: unknown,
    method: Received['method'],
    init: RequestInit,
  ): { answer: FakeAnswer; bytes: number; isSent: boolean } {
    const text = String(body)
    const batch: EventBatch = JSON.parse(text)
    const bytes = new TextEncoder().encode(text).length
    const isKeepalive = method === 'keepalive'
    const usedBytes = world.heldKeepaliveBytes + pendingKeepaliveBytes + bytes
    if (isKeepalive && usedBytes > keepaliveBudgetBytes)
      return { answer: new TypeError('Failed to fetch'), bytes: 0, isSent: false }
    const request = { url, batch, method, atMs: elapsedMs, bytes, body, init }
    world.received.push(request)
    return { answer: world.answer(request), bytes: isKeepalive ? bytes : 0, isSent: true }
  }

  function createFetch(isAlive: () => boolean): typeof fetch {
    return (url, init = {}) =>
      new Promise((resolve, reject) => {
        const method = init.keepalive ? 'keepalive' : 'fetch'
        const { answer, bytes, isSent } = receive(String(url), init.body, method, init)
        pendingKeepaliveBytes += bytes
        let heldBytes = bytes
        const release = (): void => {
          pendingKeepaliveBytes -= heldBytes
          heldBytes = 0
        }
        // Chrome rejects before anything is sent, while the page still runs.
        if (!isSent) reject(answer)
        init.signal?.addEventListener('abort', () => {
          release()
          reject(new DOMException('', 'AbortError'))
        })
        const settled = answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
        settled.finally(release).then(
          response => isAlive() && resolve(response),
          (error: unknown) => isAlive() && reject(error),
        )
      })
  }

  function open(pageOptions: PageOptions = {}): FakeTab {
    const page = createFakePage(pageOptions)
    const openedMs = elapsedMs
    let isAlive = true
    const globals = {
      AbortSignal: {
        timeout(delayMs: number) {
          const aborter = new AbortController()
          timeouts.add({
            dueMs: elapsedMs + delayMs,
            run: () => aborter.abort(),
            isAlive: () => isAlive,
          })
          return aborter.signal
        },
      },
      Date: { now: () => clockMs },
      Math: { random: () => world.random + (randoms += 1) * 1e-15 },
      performance: { now: () => elapsedMs - openedMs },
      fetch: createFetch(() => isAlive),
      setTimeout(run: () => void, delayMs: number) {
        const timer = { dueMs: elapsedMs + Math.trunc(delayMs), run, isAlive: () => isAlive }
        timers.add(timer)
        return timer
      },
      clearTimeout: (timer: FakeTimer) => timers.delete(timer),
      navigator: {
        language: 'en-US',
        maxTouchPoints: 0,
        webdriver: false,
        sendBeacon: (url: string, body: string) =>
          world.takesBeacons && !(receive(url, body, 'beacon', {}).answer instanceof Error),
      },
      screen: { width: 390, height: 844 },
      innerWidth: 390,
      self: page.window,
      top: page.window,
      location: page.document.location,
      ...page,
    }
    Object.defineProperty(globals, 'localStorage', {
      configurable: true,
      get: () => storage.open(),
    })
    // The fakes have the members that the tracker uses.
    const host = globals as unknown as Host
    return Object.assign(page, {
      host,
      crash() {
        isAlive = false
      },
      close() {
        page.leave()
        isAlive = false
      },
    })
  }

  /** All work here consists of far fewer than a hundred microtasks. */
  async function settle(): Promise<void> {
    for (let task = 0; task < 100; task += 1) await Promise.resolve()
  }

  const world: Omit<FakeWorld, 'tab'> = {
    storage,
    received: [],
    answer: () => accept(),
    random: 0.5,
    heldKeepaliveBytes: 0,
    takesBeacons: true,
    open,
    settle,
    now: () => clockMs,
    timers: () => timers.size,
    turnClock(ms) {
      clockMs += ms
    },
    events: () => world.received.flatMap(({ batch }) => batch.events).filter(({ n }) => n),
    async pass(ms) {
      const untilMs = elapsedMs + ms
      for (;;) {
        await settle()
        const [next] = [...timers, ...timeouts].toSorted((a, b) => a.dueMs - b.dueMs)
        const toMs = Math.min(untilMs, Math.max(next?.dueMs ?? untilMs, elapsedMs))
        clockMs += toMs - elapsedMs
        elapsedMs = toMs
        if (!next || next.dueMs > untilMs) return
        timers.delete(next)
        timeouts.delete(next)
        if (next.isAlive()) next.run()
      }
    },
  }
  return Object.assign(world, { tab: open(options) })
}
