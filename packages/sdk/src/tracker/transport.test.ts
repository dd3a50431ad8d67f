import { describe, expect, it } from 'vitest'
import { accept, createFakeWorld, refuse } from './testing/fake-world.ts'
import { keepaliveBudgetBytes, requestTimeoutMs } from './limits.ts'
import { type Outcome, createTransport } from './transport.ts'

const url = 'https://stats.example/api/sites/s/events'

function createParts(): {
  world: ReturnType<typeof createFakeWorld>
  send: (response: Response) => Promise<Outcome>
} {
  const world = createFakeWorld()
  const transport = createTransport(world.platform, url)
  return {
    world,
    send(response) {
      world.answer = () => response
      return transport.send('{}', 'fetch')
    },
  }
}

describe('Transport: requests', () => {
  it('sends a simple request without credentials and with low priority', async () => {
    const { world, send } = createParts()
    await send(accept())
    const { init } = world.received[0] ?? {}
    expect(world.received[0]?.url).toBe(url)
    expect(init).toMatchObject({ method: 'POST', credentials: 'omit', priority: 'low' })
    // Text and no headers: the browser adds `text/plain`, and there is no preflight.
    expect(init?.body).toBe('{}')
    expect(init?.headers).toBeUndefined()
  })

  it('starts the request before `send` returns', () => {
    const world = createFakeWorld()
    void createTransport(world.platform, url).send('{}', 'keepalive')
    expect(world.received).toHaveLength(1)
  })

  it('fails after the timeout', async () => {
    const world = createFakeWorld()
    world.answer = () => new Promise(() => {})
    const outcome = createTransport(world.platform, url).send('{}', 'fetch')
    await world.pass(requestTimeoutMs)
    expect(await outcome).toEqual({ kind: 'failed', floorMs: 0 })
  })

  it('clears the timer after the answer', async () => {
    const { world, send } = createParts()
    await send(accept())
    expect(world.timers()).toBe(0)
  })
})

describe('Transport: answers', () => {
  it('returns a verdict per event for 202', async () => {
    const { send } = createParts()
    const outcome = await send(accept([{ index: 1, code: 'name_invalid' }]))
    if (outcome.kind !== 'decided') throw new Error(outcome.kind)
    expect([0, 1, 2].map(index => outcome.verdictOf(index)[0])).toEqual([
      'accepted',
      'rejected',
      'accepted',
    ])
    expect(outcome.verdictOf(1)[1]).toBe('name_invalid')
  })

  it('returns `too_large` for 413', async () => {
    const { send } = createParts()
    expect(await send(refuse(413))).toEqual({ kind: 'too_large' })
  })

  it.each([400, 401, 403, 404, 405, 410, 415, 422, 499])(
    'drops the batch after %i',
    async status => {
      const { send } = createParts()
      const outcome = await send(refuse(status))
      if (outcome.kind !== 'decided') throw new Error(outcome.kind)
      expect(outcome.verdictOf(0)[0]).toBe('dropped')
      expect(outcome.verdictOf(0)[1]).toContain(String(status))
    },
  )

  it.each([408, 429, 500, 502, 503, 504, 599])('allows a retry after %i', async status => {
    const { send } = createParts()
    expect(await send(refuse(status))).toEqual({ kind: 'failed', floorMs: 0 })
    expect(await send(refuse(status, { 'Retry-After': '7' }))).toEqual({
      kind: 'failed',
      floorMs: 7000,
    })
  })

  it.each([
    ['a page of a captive portal', new Response('<html>Log in</html>', { status: 200 })],
    ['a 202 with another body', new Response('[]', { status: 202 })],
    ['a 202 with null', new Response('null', { status: 202 })],
    ['a truncated 202', new Response('{"accepted":1,"rej', { status: 202 })],
    ['a verdict with status 200', Response.json({ accepted: 1, rejected: [] }, { status: 200 })],
    ['a 204', new Response(null, { status: 204 })],
  ])('does not treat another answer as confirmation: %s', async (_, response) => {
    const { send } = createParts()
    expect(await send(response)).toEqual({ kind: 'failed', floorMs: 0 })
  })

  it('ignores invalid entries of a verdict', async () => {
    const { send } = createParts()
    const body = '{"accepted":"many","rejected":[null,5,{},{"index":"1"},{"index":0}]}'
    const outcome = await send(new Response(body, { status: 202 }))
    if (outcome.kind !== 'decided') throw new Error(outcome.kind)
    expect(outcome.verdictOf(0)).toEqual(['rejected', 'undefined'])
    expect(outcome.verdictOf(1)[0]).toBe('accepted')
  })
})

describe('Transport: hostile page', () => {
  it('fails without throwing when `fetch` rejects, throws or is missing', async () => {
    const world = createFakeWorld()
    for (const fetch of [
      () => Promise.reject(new TypeError('Failed to fetch')),
      () => {
        throw new Error('fetch is ours now')
      },
    ]) {
      const transport = createTransport({ ...world.platform, fetch }, url)
      expect(await transport.send('{}', 'keepalive')).toEqual({ kind: 'failed', floorMs: 0 })
      expect(transport.room()).toBe(keepaliveBudgetBytes)
    }
  })

  it('fails without throwing when `sendBeacon` throws', async () => {
    const world = createFakeWorld()
    const sendBeacon = (): boolean => {
      throw new Error('no beacons here')
    }
    const transport = createTransport({ ...world.platform, sendBeacon }, url)
    expect(await transport.send('{}', 'beacon')).toEqual({ kind: 'failed', floorMs: 0 })
  })
})

describe('Transport: keepalive budget', () => {
  it('counts the bytes of pending keepalive requests', async () => {
    const world = createFakeWorld()
    const answers: ((response: Response) => void)[] = []
    world.answer = () => new Promise(resolve => answers.push(resolve))
    const transport = createTransport(world.platform, url)
    expect(transport.room()).toBe(64 * 1024)
    const sent = [transport.send('"é"', 'keepalive'), transport.send('"ab"', 'keepalive')]
    expect(transport.room()).toBe(64 * 1024 - 8)
    answers[0]?.(accept())
    await sent[0]
    expect(transport.room()).toBe(64 * 1024 - 4)
    answers[1]?.(refuse(500))
    await sent[1]
    expect(transport.room()).toBe(64 * 1024)
  })

  it('does not count plain fetches', () => {
    const world = createFakeWorld()
    const transport = createTransport(world.platform, url)
    void transport.send('{}', 'fetch')
    expect(transport.room()).toBe(keepaliveBudgetBytes)
  })
})

describe('Transport: beacons', () => {
  it('returns `unknown` when the browser accepts the beacon', async () => {
    const world = createFakeWorld()
    const transport = createTransport(world.platform, url)
    expect(await transport.send('{}', 'beacon')).toEqual({ kind: 'unknown' })
    expect(world.received[0]?.method).toBe('beacon')
  })

  it('returns `failed` when the browser refuses the beacon', async () => {
    const world = createFakeWorld()
    world.answer = () => new Error('full')
    const transport = createTransport(world.platform, url)
    expect(await transport.send('{}', 'beacon')).toEqual({ kind: 'failed', floorMs: 0 })
  })
})
