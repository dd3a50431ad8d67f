import type { Capture, EventHook } from '../../tracker/capture-context.ts'
import { type CleanEvent, type EventDetails, toProperties } from '../../tracker/event.ts'

/** A tracker as an automatic event sees it, under the control of a test. */
export interface FakeCapture {
  /** Automatic events, with the properties that reach the server. */
  readonly recorded: { name: string; value?: unknown; properties?: object | undefined }[]
  /** Events of the site. */
  readonly tracked: { name: string; value?: unknown; properties?: object | undefined }[]
  readonly facts: Record<string, unknown>
  readonly stored: Map<string, string>
  nowMs: number
  isDurable: boolean
  /** Whether the storage takes no value. */
  isFull: boolean
  /** Ends the view, or hides the page. */
  pause(): void
  /** Sends an event through the hooks. Pending microtasks run. */
  send(event: Partial<CleanEvent>): Promise<ReturnType<EventHook>>
  /** Removes all listeners. */
  stop(): void
}

export function createFakeCapture(...captures: Capture[]): FakeCapture {
  const hooks: EventHook[] = []
  const pauses: (() => void)[] = []
  const listeners = new AbortController()
  const clean = (
    name: string,
    { properties, value }: EventDetails,
  ): FakeCapture['recorded'][number] => ({
    name,
    ...(value !== undefined && { value }),
    ...(properties !== undefined && { properties: toProperties(properties) }),
  })
  const fake: FakeCapture = {
    recorded: [],
    tracked: [],
    facts: {},
    stored: new Map(),
    nowMs: 0,
    isDurable: true,
    isFull: false,
    pause: () => pauses.forEach(run => run()),
    async send(event) {
      let result: ReturnType<EventHook> = { name: 'page_view', url: location.href, ...event }
      for (const hook of hooks) result &&= hook(result)
      await Promise.resolve()
      return result
    },
    stop: () => listeners.abort(),
  }
  for (const capture of captures)
    capture({
      listen: (target, type, listener) =>
        target.addEventListener(type, listener, { capture: true, signal: listeners.signal }),
      record: (name, properties, value) =>
        void fake.recorded.push(clean(name, { properties, value })),
      track: (name, properties, options) =>
        void fake.tracked.push(clean(String(name), { properties, value: options?.value })),
      now: () => fake.nowMs,
      onEvent: hook => void hooks.unshift(hook),
      onPause: run => void pauses.push(run),
      facts: fake.facts,
      store(method, name, value = '') {
        if (method === 'getItem') return fake.stored.get(name)
        if (method === 'removeItem') fake.stored.delete(name)
        else if (!fake.isFull) fake.stored.set(name, value)
        return undefined
      },
      isDurable: () => fake.isDurable,
    })
  return fake
}
