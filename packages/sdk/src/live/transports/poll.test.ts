import { type Selection, errors } from '@tidemark/protocol'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { poll } from './poll.ts'
import { type FakeServer, createFakeServer } from '../testing/fake-server.ts'
import { problem, snapshotAt } from '../testing/scenario.ts'
import { createTokenProvider } from '../token.ts'

afterEach(() => void vi.useRealTimers())

const selection: Selection = {
  channels: ['currentVisitors'],
  minutes: 5,
  paths: [],
  properties: [],
}
const snapshot = snapshotAt('7.3', { currentVisitors: 3 })
const siteUrl = 'http://stats.test/api/sites/shop'

function start(
  server: FakeServer,
  cancel = new AbortController(),
  fetch = server.platform.fetch,
): ReturnType<typeof poll> {
  const platform = { ...server.platform, fetch }
  const token = createTokenProvider(undefined)
  return poll({ platform, token, siteUrl, selection, cancel: cancel.signal })
}

describe('poll: responses', () => {
  it('returns a snapshot', async () => {
    const server = createFakeServer()
    const result = start(server)
    server.poll.answer(snapshotAt('7.3', { currentVisitors: 9 }))

    expect(await result).toEqual({ snapshot: snapshotAt('7.3', { currentVisitors: 9 }) })
  })

  it.each([
    ['204', () => new Response(null, { status: 204 })],
    ['200 without a body', () => new Response('')],
    ['200 with a page of HTML', () => new Response('<html>Please log in</html>')],
    ['200 with half a snapshot', () => new Response('{"cursor":"7.3","at":1700000000000,"curr')],
    ['200 with null', () => Response.json(null)],
    ['200 with a number', () => Response.json(7)],
    ['200 with a list', () => Response.json([])],
    ['200 without a cursor', () => Response.json({ ...snapshot, cursor: undefined })],
    ['200 with an invalid cursor', () => Response.json({ ...snapshot, cursor: 'latest' })],
    ['200 with a cursor that is a number', () => Response.json({ ...snapshot, cursor: 7.3 })],
    ['200 with other channels', () => Response.json({ ...snapshot, currentVisitors: undefined })],
  ])('rejects %s', async (_, response) => {
    const server = createFakeServer()
    const result = start(server)
    server.poll.answer(response())

    expect(await result).toEqual({
      error: {
        code: 'answer_invalid',
        message: 'The response is not a snapshot; check `baseUrl`.',
      },
      status: undefined,
      retryAfterMs: 0,
    })
  })

  it("returns the server's error code and message", async () => {
    const server = createFakeServer()
    const result = start(server)
    server.poll.answer(problem('site_unknown'))

    expect(await result).toEqual({
      error: {
        code: 'site_unknown',
        message: errors.site_unknown.remedy,
      },
      status: 404,
      retryAfterMs: 0,
    })
  })

  it.each([
    ['a page of HTML', new Response('<h1>A fault</h1>', { status: 500 })],
    ['an unknown code', Response.json({ code: 'toString' }, { status: 500 })],
    ['a code that is not a string', Response.json({ code: ['refused'] }, { status: 500 })],
    ['null', Response.json(null, { status: 500 })],
  ])('returns the status of an error with %s', async (_, response) => {
    const server = createFakeServer()
    const result = start(server)
    server.poll.answer(response)

    expect(await result).toMatchObject({ error: { code: 'answer_invalid' }, status: 500 })
  })

  it('rejects a 304, because the browser replaces it by the stored 200', async () => {
    const server = createFakeServer()
    const result = start(server)
    server.poll.answer(new Response(null, { status: 304 }))

    expect(await result).toMatchObject({ error: { code: 'answer_invalid' }, status: 304 })
  })

  it.each([
    ['seconds', '30', 30_000],
    ['a date', new Date(Date.UTC(2026, 2, 10, 12, 0, 45)).toUTCString(), 45_000],
  ])('reads Retry-After as %s', async (_, header, waitMs) => {
    const server = createFakeServer()
    const result = start(server)
    server.poll.answer(problem('too_busy', { 'Retry-After': header }))

    expect(await result).toMatchObject({
      error: { code: 'too_busy' },
      status: 429,
      retryAfterMs: waitMs,
    })
  })
})

describe('poll: failures', () => {
  it('returns a network error when the request fails', async () => {
    const server = createFakeServer()
    const result = start(server)
    server.poll.answer('failure')

    expect(await result).toEqual({
      error: { code: 'network', message: 'The server did not answer.' },
      status: undefined,
      retryAfterMs: 0,
    })
  })

  it('returns a network error when `fetch` throws', async () => {
    const server = createFakeServer()
    const result = start(server, undefined, () => {
      throw new TypeError('Refused by the Content Security Policy.')
    })

    expect(await result).toMatchObject({ error: { code: 'network' } })
  })

  it('cancels the request after ten seconds', async () => {
    const server = createFakeServer()
    let result: unknown
    void start(server).then(value => (result = value))
    await server.clock.advance(9999)
    expect(result).toBeUndefined()
    expect(server.poll.isAborted).toBe(false)

    await server.clock.advance(1)
    expect(server.poll.isAborted).toBe(true)
    expect(result).toMatchObject({ error: { code: 'network' } })
  })

  it('cancels an endless body after ten seconds in total', async () => {
    const server = createFakeServer()
    let result: unknown
    void start(server).then(value => (result = value))
    await server.clock.advance(6000)
    const { signal } = server.poll
    const body = new ReadableStream({
      start: stream => signal.addEventListener('abort', () => stream.error(signal.reason)),
    })
    server.poll.answer(new Response(body))
    await server.clock.advance(3999)
    expect(result).toBeUndefined()

    await server.clock.advance(1)
    expect(result).toMatchObject({ error: {} })
  })
})

describe('poll: requests', () => {
  it('cancels the request', async () => {
    const server = createFakeServer()
    const cancel = new AbortController()
    const result = start(server, cancel)
    cancel.abort()

    expect(server.poll.isAborted).toBe(true)
    expect(await result).toMatchObject({ error: { code: 'network' } })
  })

  it('releases its timer', async () => {
    const server = createFakeServer()
    const answers = [snapshotAt('7.3'), 'failure', problem('internal')] as const
    for (const answer of answers) {
      const result = start(server)
      expect(server.clock.pending).toBe(1)
      server.poll.answer(answer)
      await result
      expect(server.clock.pending).toBe(0)
    }
  })

  it('calls a custom `fetch` without a `this`', async () => {
    const server = createFakeServer()
    const receivers: unknown[] = []
    const { fetch } = server.platform
    function strictFetch(this: unknown, ...args: Parameters<typeof fetch>): Promise<Response> {
      receivers.push(this)
      return fetch(...args)
    }
    const result = start(server, undefined, strictFetch)
    server.poll.answer(snapshotAt('7.3'))
    await result

    expect(receivers).toEqual([undefined])
  })
})

it.each([502, 503, 504])('poll: returns a network error for status %i of a proxy', async status => {
  const server = createFakeServer()
  const result = start(server)
  server.poll.answer(new Response('<h1>Bad Gateway</h1>', { status }))
  expect(await result).toMatchObject({ error: { code: 'network' }, status })
})
