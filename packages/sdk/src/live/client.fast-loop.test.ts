import { type ServerMessage, closeCodes } from '@tidemark/protocol'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type FakeServer, type PollAnswer, createFakeServer } from './testing/fake-server.ts'
import type { FakeSocket } from './testing/fake-socket.ts'
import { createSeededRandom } from './testing/random.ts'
import { problem, snapshotAt, watch } from './testing/scenario.ts'

afterEach(() => void vi.useRealTimers())

const minuteMs = 60_000
/**
 * In any minute: 12 polls by the rhythm, some tens of tries to connect when each wait is short by chance, a
 * poll for each connection that was live and is lost, and the subscriptions that these begin with.
 */
const maxRequestsPerMinute = 90

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

const answers: Record<string, () => PollAnswer> = {
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

/** What a connection is like, again and again: what is said on it, at what distance, and how it ends. */
const connection = fc.record({
  handshake: fc.constantFrom('accept', 'accept', 'accept', 'refuse', 'throw'),
  said: fc.oneof(
    fc.constant(['hello', 'ok', 'ping']),
    fc.array(word, { maxLength: 4 }).map(rest => ['hello', 'ok', ...rest]),
    fc.array(word, { maxLength: 6 }),
  ),
  distanceMs: fc.constantFrom(0, 1, 20),
  /** Whether it is said again for each subscription. */
  answers: fc.boolean(),
  end: fc.constantFrom('breaks', 'closes', 'stays'),
})

function speak(
  server: FakeServer,
  socket: FakeSocket,
  said: readonly string[],
  distanceMs: number,
): void {
  for (const [index, name] of said.entries()) {
    setTimeout(
      () => {
        const sub = server.messages.findLast(({ type }) => type === 'sub')
        const message = words[name]?.(sub?.type === 'sub' ? (sub.id ?? 0) : 0) ?? ''
        if (typeof message === 'string') socket.sayText(message)
        else socket.say(message)
      },
      (index + 1) * distanceMs,
    )
  }
}

describe('whatever a server answers, and however fast', () => {
  it('it is not asked more often than a person could mean', async () => {
    const property = fc.asyncProperty(
      fc.array(connection, { minLength: 1, maxLength: 3 }),
      fc.array(fc.constantFrom(...Object.keys(answers)), { maxLength: 3 }),
      fc.nat(),
      async (connections, polls, seed) => {
        const server = createFakeServer(seed)
        const random = createSeededRandom(seed)
        const draw = <Item>(items: readonly Item[]): Item | undefined =>
          items[Math.floor(random() * items.length)]
        server.answerPolls(
          () => answers[draw(['snapshot', 'snapshot', ...polls]) ?? '']?.() ?? 'failure',
        )
        const kinds = new Map<FakeSocket, (typeof connections)[number] | undefined>()
        const choose = (): void => {
          const next = draw(connections)
          server.handshake =
            next?.handshake === 'refuse' || next?.handshake === 'throw' ? next.handshake : 'accept'
        }
        choose()
        server.onOpen = socket => {
          const kind = draw(connections)
          kinds.set(socket, kind)
          if (!kind) return
          const { said, distanceMs, end } = kind
          speak(server, socket, said, distanceMs)
          setTimeout(
            () => {
              choose()
              if (end === 'breaks') socket.fail()
              if (end === 'closes') socket.end(closeCodes.resync)
            },
            (said.length + 1) * distanceMs,
          )
        }
        server.onMessage = (socket, { type }) => {
          const kind = kinds.get(socket)
          if (type === 'sub' && kind?.answers)
            speak(server, socket, kind.said, Math.max(1, kind.distanceMs))
        }
        watch(server)
        await server.clock.advance(4 * minuteMs)

        const asked = server.log.filter(
          entry =>
            entry.kind === 'poll' ||
            entry.kind === 'connect' ||
            (entry.kind === 'message' && entry.message.type === 'sub'),
        )
        const counts = asked.map(
          ({ at }) => asked.filter(other => other.at >= at && other.at < at + minuteMs).length,
        )
        expect(Math.max(...counts)).toBeLessThanOrEqual(maxRequestsPerMinute)
      },
    )
    await fc.assert(property, { numRuns: 200 })
  }, 30_000)
})
