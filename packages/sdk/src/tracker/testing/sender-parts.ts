import { type QueuedEvent, createOutbox, toEntry } from '../outbox.ts'
import { type Sender, createSender } from '../sender.ts'
import { createStore } from '../store.ts'
import { type FakeWorld, createFakeWorld } from './fake-world.ts'

export interface SenderParts {
  world: FakeWorld
  sender: Sender
  /** Adds events of a given size, numbered from the last one. */
  add(count: number, bytes?: number): void
  /** Adds one event of another page. */
  adopt(client: string, n: number, atMs?: number): void
  /** Verdicts of events, in order. */
  results: string[]
  waiting(): number
  setDurable(): void
  /** Number of decided batches. */
  decisions(): number
}

export function createSenderParts(isStarted = true, hasKeepalive = true): SenderParts {
  const world = createFakeWorld()
  const { host } = world.tab
  if (!hasKeepalive) host.Request = { prototype: {} }
  const results: string[] = []
  const outbox = createOutbox(createStore(host, 't '), 'c', () => results.push('dropped'))
  const startedAt = host.Date.now()
  const now = (): number => startedAt + host.performance.now()
  let decisions = 0
  let n = 0
  const sender = createSender({
    host,
    url: 'https://stats.example/api/sites/s/events',
    client: 'c',
    outbox,
    now,
    later: (delayMs, run) => host.setTimeout(run, delayMs),
    facts: {},
    count: result => results.push(result),
    onDecision: () => (decisions += 1),
  })
  if (isStarted) sender.start()

  function queue(entry: QueuedEvent): void {
    outbox.add(entry)
    sender.schedule()
  }

  return {
    world,
    sender,
    results,
    waiting: () => outbox.entries.size,
    setDurable: () => outbox.setDurable(true),
    decisions: () => decisions,
    adopt: (client, number, atMs = now()) =>
      queue(toEntry(client, `${client} ${number}`, atMs, JSON.stringify({ n: number, name: 'e' }))),
    add(count, bytes = 0) {
      for (let index = 0; index < count; index += 1) {
        n += 1
        const bare = JSON.stringify({ n, name: 'e', title: '' })
        const json = bare.replace('""', `"${'x'.repeat(Math.max(0, bytes - bare.length))}"`)
        queue(toEntry('c', `c ${n}`, now(), json))
      }
    },
  }
}
