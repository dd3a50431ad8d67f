import { describe, expect, it } from 'vitest'
import type { Host } from './host.ts'
import { maxRetryAfterMs, requestTimeoutMs } from './limits.ts'
import { type EventResult, post } from './request.ts'
import { type FakeWorld, accept, createFakeWorld, intercept, refuse } from './testing/fake-world.ts'

const url = 'https://stats.example/api/sites/s/events'

/** An answer whose parts have names. It has none if there was no answer. */
interface NamedAnswer {
  status?: number
  floorMs?: number
  /** Results of the first events, if the server has decided. */
  results: EventResult[]
  text?: string
}

async function send(world: FakeWorld, keepalive = false): Promise<NamedAnswer> {
  const [status, floorMs, resultOf, text] = await post(world.tab.host, url, '{}', keepalive)
  return {
    ...(status !== undefined && { status }),
    ...(floorMs !== undefined && { floorMs }),
    ...(text !== undefined && { text }),
    results: resultOf ? [0, 1, 2].map(resultOf) : [],
  }
}

/** Sends a request and returns its answer. */
function sendFor(response: Response | Error): Promise<NamedAnswer> {
  const world = createFakeWorld()
  world.answer = () => response
  return send(world)
}

/** No answer. */
const none: NamedAnswer = { results: [] }

describe('Request: parameters', () => {
  it('is a simple request without credentials and with low priority', async () => {
    const world = createFakeWorld()
    await send(world)
    const { init, url: sentUrl } = world.received[0] ?? {}
    expect(sentUrl).toBe(url)
    expect(init).toMatchObject({ method: 'POST', credentials: 'omit', priority: 'low' })
    // Text and no headers: the browser adds `text/plain`, and there is no preflight.
    expect(init?.body).toBe('{}')
    expect(init?.headers).toBeUndefined()
  })

  it('starts before `post` returns', () => {
    const world = createFakeWorld()
    void send(world, true)
    expect(world.received.map(({ method }) => method)).toEqual(['keepalive'])
  })
})

describe('Request: without an answer', () => {
  it('has no answer after the timeout, and is aborted', async () => {
    const world = createFakeWorld()
    world.answer = () => new Promise(() => {})
    const answer = send(world)
    await world.pass(requestTimeoutMs - 1)
    expect(world.received[0]?.init.signal?.aborted).toBe(false)
    await world.pass(1)
    expect(await answer).toEqual(none)
    expect(world.received[0]?.init.signal?.aborted).toBe(true)
  })

  it('may have no timeout, in a browser without `AbortSignal.timeout`', async () => {
    const world = createFakeWorld()
    world.tab.host.AbortSignal = {}
    expect(await send(world)).toMatchObject({ status: 202 })
  })

  it('has no answer if `fetch` rejects, throws or is missing', async () => {
    const world = createFakeWorld()
    const broken = (): never => {
      throw new Error('fetch is ours now')
    }
    const fetches: unknown[] = [() => Promise.reject(new TypeError('offline')), broken, undefined]
    for (const fetch of fetches) {
      const host: Host = Object.assign(Object.create(world.tab.host), { fetch })
      expect(await post(host, url, '{}', true)).toEqual([])
    }
  })
})

describe('Request: answers', () => {
  it('has a result per event after 202, and the text of the server', async () => {
    const { results, text } = await sendFor(accept([{ index: 1, code: 'name_invalid' }]))
    expect(results).toEqual(['accepted', 'rejected', 'accepted'])
    expect(text).toContain('name_invalid')
  })

  it.each([400, 401, 403, 404, 410, 413, 415, 422, 499])(
    'drops the batch after %i by the server',
    async status => {
      expect(await sendFor(refuse(status))).toMatchObject({
        status,
        results: ['dropped', 'dropped', 'dropped'],
      })
    },
  )

  it.each([301, 400, 401, 403, 404, 405, 410, 413, 451])(
    'is undecided after %i by an intermediary',
    async status => {
      const answer = await sendFor(intercept(status))
      expect(answer.status).toBe(status)
      expect(answer.results).toEqual([])
    },
  )

  it.each([405, 408, 429, 500, 502, 503, 504, 599])(
    'is undecided after %i, also by the server',
    async status => {
      const answer = await sendFor(refuse(status))
      expect(answer.results).toEqual([])
      expect(answer.floorMs).toBe(0)
    },
  )

  it('recognizes the error of the server by its media type, with parameters', async () => {
    const type = { 'Content-Type': 'application/problem+json; charset=utf-8' }
    expect((await sendFor(intercept(404, type))).results).toContain('dropped')
  })

  it('is undecided after a redirect, even by an error of the server', async () => {
    const answer = Object.defineProperty(refuse(404), 'redirected', { value: true })
    expect((await sendFor(answer)).results).toEqual([])
  })

  it('returns the delay of Retry-After, up to one hour', async () => {
    const delayOf = async (header: string): Promise<number | undefined> =>
      (await sendFor(refuse(503, { 'Retry-After': header }))).floorMs
    expect(await delayOf('7')).toBe(7000)
    expect(await delayOf('Thu, 01 Jan 2026 00:00:09 GMT')).toBe(9000)
    expect(await delayOf('86400')).toBe(maxRetryAfterMs)
    expect(await delayOf('soon')).toBe(0)
  })

  it.each([
    ['a page of a captive portal', new Response('<html>Log in</html>', { status: 200 })],
    ['a 202 with another body', new Response('[]', { status: 202 })],
    ['a 202 with null', new Response('null', { status: 202 })],
    ['a truncated 202', new Response('{"accepted":1,"rej', { status: 202 })],
    ['a verdict with status 200', Response.json({ accepted: 1, rejected: [] }, { status: 200 })],
    ['a 204', new Response(null, { status: 204 })],
  ])('does not treat another answer as a confirmation: %s', async (_, response) => {
    expect((await sendFor(response)).results).toEqual([])
  })

  it('does not treat a verdict with invalid entries as a confirmation', async () => {
    const body = '{"accepted":"many","rejected":[null,{"index":0}]}'
    expect((await sendFor(new Response(body, { status: 202 }))).results).toEqual([])
  })
})
