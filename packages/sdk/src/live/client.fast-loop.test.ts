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
/** Polls, handshakes and subscriptions: one a second. The rhythm alone makes 12; some 40 are seen. */
const maxRequestsPerMinute = 60

/** What a server may say, right or wrong. `id` is that of the last subscription. */
const words: Record<string, (id: number) => ServerMessage | string> = {
  hello: () => ({ type: 'hello', epoch: 7, heartbeat: 15_000 }),
  'hello of an older server': () => ({ type: 'hello', epoch: 6, heartbeat: 15_000 }),
  'hello of a newer server': () => ({ type: 'hello', epoch: 8, heartbeat: 15_000 }),
  'hello without a heartbeat': () => '{"type":"hello","epoch":7}',
  'hello with a heartbeat of nothing': () => ({ type: 'hello', epoch: 7, heartbeat: 0 }),
  ok: id => ({ type: 'ok', id, from: '7.1', to: '7.1' }),
  snap: id => ({ type: 'snap', id, snapshot: snapshotAt('7.1') }),
  'newer snap': id => ({ type: 'snap', id, snapshot: snapshotAt('8.1') }),
  'snap of nothing': id => `{"type":"snap","id":${id},"snapshot":{}}`,
  reset: () => ({ type: 'reset', reason: 'expired' }),
  'next frame': () => ({ type: 'frame', p: 0, s: 5, at: 1, patch: { currentVisitors: 5 } }),
  'frame after a gap': () => ({ type: 'frame', p: 900, s: 901, at: 1, patch: {} }),
  'frame of nothing': () => '{"type":"frame"}',
  ping: () => ({ type: 'ping', head: '7.1', cursor: '7.1' }),
  'ping that is ahead': () => ({ type: 'ping', head: '7.900', cursor: '7.900' }),
  error: id => ({ type: 'error', id, code: 'selection_invalid', detail: 'No.' }),
  bye: () => ({ type: 'bye', code: closeCodes.draining, retry: 0 }),
  'bye for less than nothing': () => '{"type":"bye","code":4503,"retry":-5000}',
  'bye for nobody knows how long': () => '{"type":"bye","code":4503}',
  'bye for ever': () => ({ type: 'bye', code: closeCodes.draining, retry: Infinity }),
  'no JSON': () => '{"type":',
}
const word = fc.constantFrom(...Object.keys(words))

const answers: Record<string, () => FakeAnswer> = {
  snapshot: () => snapshotAt('7.1'),
  'older snapshot': () => snapshotAt('6.1'),
  'newer snapshot': () => snapshotAt('8.1'),
  failure: () => 'failure',
  204: () => new Response(null, { status: 204 }),
  304: () => new Response(null, { status: 304 }),
  404: () => problem('site_unknown'),
  'HTML with 200': () => new Response('<html>'),
  '429 for no time': () => problem('too_busy', { 'Retry-After': '0' }),
  '429 for less than nothing': () => problem('too_busy', { 'Retry-After': '-1' }),
  '503 until yesterday': () =>
    problem('log_unavailable', { 'Retry-After': new Date(0).toUTCString() }),
}

/** What connections are like, again and again: what is said on them, at what distance, and how they end. */
interface Manner {
  handshake: Handshake
  said: string[]
  distanceMs: number
  /** Whether it is said again after each subscription. */
  repeats: boolean
  end: 'breaks' | 'closes' | 'stays'
}

const manner: fc.Arbitrary<Manner> = fc.record({
  handshake: fc.constantFrom<Handshake[]>('accept', 'accept', 'accept', 'refuse', 'throw'),
  said: fc.oneof(
    fc.constant<string[]>(['hello', 'ok', 'ping']),
    fc.array(word, { maxLength: 4 }).map(rest => ['hello', 'ok', ...rest]),
    fc.array(word, { maxLength: 6 }),
  ),
  distanceMs: fc.constantFrom(1, 20),
  repeats: fc.boolean(),
  end: fc.constantFrom('breaks', 'closes', 'stays'),
})

/** Lets the server deal with each connection in one of these manners, and answer each poll with one of these. */
function behave(
  server: FakeServer,
  given: readonly Manner[],
  polls: readonly string[],
  random: () => number,
): void {
  const draw = <Item>(items: readonly Item[]): Item | undefined =>
    items[Math.floor(random() * items.length)]
  const manners = new Map<FakeSocket, Manner>()
  let next: Manner | undefined
  let lastId = 0

  function choose(): void {
    next = draw(given)
    server.handshake = next?.handshake ?? 'refuse'
  }

  function speak(socket: FakeSocket, { said, distanceMs }: Manner): void {
    for (const [index, name] of said.entries()) {
      const say = (): void => {
        const message = words[name]?.(lastId) ?? ''
        if (typeof message === 'string') socket.deliverText(message)
        else socket.deliver(message)
      }
      setTimeout(say, (index + 1) * distanceMs)
    }
  }

  function begin(socket: FakeSocket, how: Manner): void {
    speak(socket, how)
    const end = (): void => {
      if (how.end === 'breaks') socket.fail()
      if (how.end === 'closes') socket.end(closeCodes.resync)
    }
    setTimeout(end, (how.said.length + 1) * how.distanceMs)
  }

  choose()
  server.answerPolls(() => {
    if (server.handshake !== 'accept') choose()
    return answers[draw(polls) ?? '']?.() ?? 'failure'
  })
  server.onOpen = socket => {
    if (next) manners.set(socket, next)
    if (next) begin(socket, next)
    choose()
  }
  server.onMessage = (socket, message) => {
    if (message.type !== 'sub') return
    lastId = message.id ?? 0
    const how = manners.get(socket)
    if (how?.repeats) speak(socket, how)
  }
}

describe('whatever a server answers, and however fast', () => {
  it('there is a bound to how often it is asked', async () => {
    const property = fc.asyncProperty(
      fc.array(manner, { minLength: 1, maxLength: 3 }),
      fc.array(fc.constantFrom(...Object.keys(answers)), { maxLength: 3 }),
      fc.nat(),
      async (manners, polls, seed) => {
        const server = createFakeServer(seed)
        // Without any snapshot there would be no connections at all.
        behave(server, manners, ['snapshot', 'snapshot', ...polls], createSeededRandom(seed))
        await openClient(server)
        await server.clock.advance(4 * minuteMs)

        const asked = server.log
          .filter(entry => entry.kind !== 'message' || entry.message.type === 'sub')
          .filter(({ kind }) => kind !== 'close')
          .map(({ at }) => at)
        const most = asked.map(
          from => asked.filter(at => at >= from && at < from + minuteMs).length,
        )
        expect(Math.max(...most)).toBeLessThanOrEqual(maxRequestsPerMinute)
      },
    )
    await fc.assert(property, { numRuns: 200 })
  }, 30_000)
})
