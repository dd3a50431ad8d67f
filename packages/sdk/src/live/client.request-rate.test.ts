import { type ServerMessage, closeCodes } from '@tidemark/protocol'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  type FakeServer,
  type Handshake,
  type FakeAnswer,
  createFakeServer,
} from './testing/fake-server.ts'
import type { FakeSocket } from './testing/fake-socket.ts'
import { createSeededRandom } from './testing/random.ts'
import { problem, snapshotAt, openClient } from './testing/scenario.ts'

afterEach(() => void vi.useRealTimers())

const minuteMs = 60_000
/** Polls, handshakes and subscriptions. Polling alone makes 12; the property finds up to about 40. */
const maxRequestsPerMinute = 60

/** Valid and invalid messages of a server, by name. `id` is the ID of the last subscription. */
const messages: Record<string, (id: number) => ServerMessage | string> = {
  hello: () => ({ type: 'hello', epoch: 7, heartbeat: 15_000 }),
  'hello of an older server': () => ({ type: 'hello', epoch: 6, heartbeat: 15_000 }),
  'hello of a newer server': () => ({ type: 'hello', epoch: 8, heartbeat: 15_000 }),
  'hello without a heartbeat': () => '{"type":"hello","epoch":7}',
  'hello with a heartbeat of 0': () => ({ type: 'hello', epoch: 7, heartbeat: 0 }),
  ok: id => ({ type: 'ok', id, from: '7.1', to: '7.1' }),
  snap: id => ({ type: 'snap', id, snapshot: snapshotAt('7.1') }),
  'newer snap': id => ({ type: 'snap', id, snapshot: snapshotAt('8.1') }),
  'empty snap': id => `{"type":"snap","id":${id},"snapshot":{}}`,
  reset: () => ({ type: 'reset', reason: 'expired' }),
  'next frame': () => ({ type: 'frame', p: 0, s: 5, at: 1, patch: { currentVisitors: 5 } }),
  'frame after a gap': () => ({ type: 'frame', p: 900, s: 901, at: 1, patch: {} }),
  'empty frame': () => '{"type":"frame"}',
  ping: () => ({ type: 'ping', head: '7.1', cursor: '7.1' }),
  'ping ahead of the cursor': () => ({ type: 'ping', head: '7.900', cursor: '7.900' }),
  error: id => ({ type: 'error', id, code: 'selection_invalid', detail: 'No.' }),
  bye: () => ({ type: 'bye', code: closeCodes.draining, retry: 0 }),
  'bye with a negative delay': () => '{"type":"bye","code":4503,"retry":-5000}',
  'bye without a delay': () => '{"type":"bye","code":4503}',
  'bye with an infinite delay': () => ({ type: 'bye', code: closeCodes.draining, retry: Infinity }),
  'invalid JSON': () => '{"type":',
}
const messageName = fc.constantFrom(...Object.keys(messages))

const answers: Record<string, () => FakeAnswer> = {
  snapshot: () => snapshotAt('7.1'),
  'older snapshot': () => snapshotAt('6.1'),
  'newer snapshot': () => snapshotAt('8.1'),
  failure: () => 'failure',
  204: () => new Response(null, { status: 204 }),
  304: () => new Response(null, { status: 304 }),
  404: () => problem('site_unknown'),
  'HTML with 200': () => new Response('<html>'),
  '429 with a delay of 0': () => problem('too_busy', { 'Retry-After': '0' }),
  '429 with a negative delay': () => problem('too_busy', { 'Retry-After': '-1' }),
  '503 with a date in the past': () =>
    problem('log_unavailable', { 'Retry-After': new Date(0).toUTCString() }),
}

/** Behavior of the server on one connection. */
interface Behavior {
  handshake: Handshake
  /** Names of the messages that the server sends. */
  sent: string[]
  /** Time between two messages. */
  gapMs: number
  /** Whether the messages are sent again after each subscription. */
  repeats: boolean
  end: 'breaks' | 'closes' | 'stays'
}

const behavior: fc.Arbitrary<Behavior> = fc.record({
  handshake: fc.constantFrom<Handshake[]>('accept', 'accept', 'accept', 'refuse', 'throw'),
  sent: fc.oneof(
    fc.constant<string[]>(['hello', 'ok', 'ping']),
    fc.array(messageName, { maxLength: 4 }).map(rest => ['hello', 'ok', ...rest]),
    fc.array(messageName, { maxLength: 6 }),
  ),
  gapMs: fc.constantFrom(1, 20),
  repeats: fc.boolean(),
  end: fc.constantFrom('breaks', 'closes', 'stays'),
})

/** Makes the server choose a behavior for each connection and a response for each poll. */
function simulate(
  server: FakeServer,
  behaviors: readonly Behavior[],
  polls: readonly string[],
  random: () => number,
): void {
  const draw = <Item>(items: readonly Item[]): Item | undefined =>
    items[Math.floor(random() * items.length)]
  const behaviorOf = new Map<FakeSocket, Behavior>()
  let next: Behavior | undefined
  let lastId = 0

  function choose(): void {
    next = draw(behaviors)
    server.handshake = next?.handshake ?? 'refuse'
  }

  function sendMessages(socket: FakeSocket, { sent, gapMs }: Behavior): void {
    for (const [index, name] of sent.entries()) {
      const send = (): void => {
        const message = messages[name]?.(lastId) ?? ''
        if (typeof message === 'string') socket.deliverText(message)
        else socket.deliver(message)
      }
      setTimeout(send, (index + 1) * gapMs)
    }
  }

  function start(socket: FakeSocket, current: Behavior): void {
    sendMessages(socket, current)
    const end = (): void => {
      if (current.end === 'breaks') socket.fail()
      if (current.end === 'closes') socket.end(closeCodes.resync)
    }
    setTimeout(end, (current.sent.length + 1) * current.gapMs)
  }

  choose()
  server.answerPolls(() => {
    if (server.handshake !== 'accept') choose()
    return answers[draw(polls) ?? '']?.() ?? 'failure'
  })
  server.onOpen = socket => {
    if (next) behaviorOf.set(socket, next)
    if (next) start(socket, next)
    choose()
  }
  server.onMessage = (socket, message) => {
    if (message.type !== 'sub') return
    lastId = message.id ?? 0
    const current = behaviorOf.get(socket)
    if (current?.repeats) sendMessages(socket, current)
  }
}

describe('createLiveClient: request rate', () => {
  it('sends at most one request per second on average, for any server behavior', async () => {
    const property = fc.asyncProperty(
      fc.array(behavior, { minLength: 1, maxLength: 3 }),
      fc.array(fc.constantFrom(...Object.keys(answers)), { maxLength: 3 }),
      fc.nat(),
      async (behaviors, polls, seed) => {
        const server = createFakeServer(seed)
        // Without a snapshot the client would never connect.
        simulate(server, behaviors, ['snapshot', 'snapshot', ...polls], createSeededRandom(seed))
        await openClient(server)
        await server.clock.advance(4 * minuteMs)

        const times = server.log
          .filter(entry => entry.kind !== 'message' || entry.message.type === 'sub')
          .filter(({ kind }) => kind !== 'close')
          .map(({ at }) => at)
        const counts = times.map(
          from => times.filter(at => at >= from && at < from + minuteMs).length,
        )
        expect(Math.max(...counts)).toBeLessThanOrEqual(maxRequestsPerMinute)
      },
    )
    await fc.assert(property, { numRuns: 200 })
  }, 30_000)
})
