import { createOutbox } from '../outbox.ts'
import { createSender } from '../sender.ts'
import { createStore } from '../store.ts'
import { type FakeWorld, createFakeWorld } from './fake-world.ts'

/** The functions of a sender by name. */
export interface NamedSender {
  flush(): Promise<void> | undefined
  leave(signal?: string, isLast?: boolean): void
  start(): void
  sendOnce(json: string): unknown
  state(): string
}

export interface SenderParts {
  world: FakeWorld
  sender: NamedSender
  /** Adds events of a given size, numbered from the last one. */
  add(count: number, bytes?: number): void
  /** Adds one event of another page. */
  adopt(client: string, n: number): void
  /** Verdicts of events, in order. */
  results: string[]
  waiting(): number
  setDurable(): void
  /** Number of decided batches. */
  decisions(): number
}

export function createSenderParts(isStarted = true): SenderParts {
  const world = createFakeWorld()
  const { host } = world.tab
  const results: string[] = []
  const [store, listNames] = createStore(host, 't ')
  const outbox = createOutbox(store, listNames, 'c', result => results.push(result))
  const [entries, addEntry, , setDurable] = outbox
  const startedAt = host.Date.now()
  let decisions = 0
  let n = 0
  const [schedule, flush, leave, start, sendOnce, state] = createSender(
    host,
    'https://stats.example/api/sites/s/events',
    'c',
    outbox,
    {},
    () => startedAt + host.performance.now(),
    (run, delayMs) => host.setTimeout(run, delayMs),
    result => results.push(result),
    () => (decisions += 1),
  )
  if (isStarted) start()

  function queue(id: string, json: string): void {
    addEntry(id, json)
    schedule()
  }

  return {
    world,
    sender: { flush, leave, start, sendOnce, state },
    results,
    waiting: () => entries.size,
    setDurable: () => setDurable(true),
    decisions: () => decisions,
    adopt: (client, number) =>
      queue(`${client} ${number}`, JSON.stringify({ n: number, name: 'e' })),
    add(count, bytes = 0) {
      for (let index = 0; index < count; index += 1) {
        n += 1
        const bare = JSON.stringify({ n, name: 'e', title: '' })
        const json = bare.replace('""', `"${'x'.repeat(Math.max(0, bytes - bare.length))}"`)
        queue(`c ${n}`, json)
      }
    },
  }
}
