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

describe('a request', () => {
  it('is a simple one, without credentials and of low priority', async () => {
    const { world, send } = createParts()
    await send(accept())
    const { init } = world.received[0] ?? {}
    expect(world.received[0]?.url).toBe(url)
    expect(init).toMatchObject({ method: 'POST', credentials: 'omit', priority: 'low' })
    // Text and no headers: the browser adds `text/plain`, and there is no preflight.
    expect(init?.body).toBe('{}')
    expect(init?.headers).toBeUndefined()
  })

  it('is on its way when `send` returns, as a page that is being left needs', () => {
    const world = createFakeWorld()
    void createTransport(world.platform, url).send('{}', 'keepalive')
    expect(world.received).toHaveLength(1)
  })

  it('has failed when nothing answers for too long', async () => {
    const world = createFakeWorld()
    world.answer = () => new Promise(() => {})
    const outcome = createTransport(world.platform, url).send('{}', 'fetch')
    await world.pass(requestTimeoutMs)
    expect(await outcome).toEqual({ kind: 'failed', floorMs: 0 })
  })

  it('leaves no timer behind when it was answered', async () => {
    const { world, send } = createParts()
    await send(accept())
    expect(world.timers()).toBe(0)
  })
})

describe('an answer', () => {
  it('of 202 with a verdict decides each event', async () => {
    const { send } = createParts()
    const outcome = await send(accept([{ index: 1, code: 'name_invalid' }]))
    if (outcome.kind !== 'decided') throw new Error(outcome.kind)
    expect([0, 1, 2].map(index => outcome.fateOf(index)[0])).toEqual([
      'accepted',
      'rejected',
      'accepted',
    ])
    expect(outcome.fateOf(1)[1]).toBe('name_invalid')
  })

  it('of 413 says that it was too large', async () => {
    const { send } = createParts()
    expect(await send(refuse(413))).toEqual({ kind: 'too_large' })
  })

  it.each([400, 401, 403, 404, 405, 410, 415, 422, 499])(
    'of %i gives the batch up',
    async status => {
      const { send } = createParts()
      const outcome = await send(refuse(status))
      if (outcome.kind !== 'decided') throw new Error(outcome.kind)
      expect(outcome.fateOf(0)[0]).toBe('dropped')
      expect(outcome.fateOf(0)[1]).toContain(String(status))
    },
  )

  it.each([408, 429, 500, 502, 503, 504, 599])('of %i is tried again', async status => {
    const { send } = createParts()
    expect(await send(refuse(status))).toEqual({ kind: 'failed', floorMs: 0 })
    expect(await send(refuse(status, { 'Retry-After': '7' }))).toEqual({
      kind: 'failed',
      floorMs: 7000,
    })
  })

  it.each([
    ['a page of the network in between', new Response('<html>Log in</html>', { status: 200 })],
    ['a 202 with something else', new Response('[]', { status: 202 })],
    ['a 202 with null', new Response('null', { status: 202 })],
    ['a 202 that is cut short', new Response('{"accepted":1,"rej', { status: 202 })],
    ['a verdict of somebody else', Response.json({ accepted: 1, rejected: [] }, { status: 200 })],
    ['a 204', new Response(null, { status: 204 })],
  ])('that is not a verdict is no acknowledgement: %s', async (_, response) => {
    const { send } = createParts()
    expect(await send(response)).toEqual({ kind: 'failed', floorMs: 0 })
  })

  it('survives a verdict with nonsense in it', async () => {
    const { send } = createParts()
    const body = '{"accepted":"many","rejected":[null,5,{},{"index":"1"},{"index":0}]}'
    const outcome = await send(new Response(body, { status: 202 }))
    if (outcome.kind !== 'decided') throw new Error(outcome.kind)
    expect(outcome.fateOf(0)).toEqual(['rejected', 'undefined'])
    expect(outcome.fateOf(1)[0]).toBe('accepted')
  })
})

describe('a hostile page', () => {
  it('is survived when fetch rejects, throws, or is not there', async () => {
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

  it('is survived when sendBeacon throws', async () => {
    const world = createFakeWorld()
    const sendBeacon = (): boolean => {
      throw new Error('no beacons here')
    }
    const transport = createTransport({ ...world.platform, sendBeacon }, url)
    expect(await transport.send('{}', 'beacon')).toEqual({ kind: 'failed', floorMs: 0 })
  })
})

describe('the keepalive budget', () => {
  it('is shared by all requests that outlive the page, in bytes, until they are answered', async () => {
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

  it('is not spent by requests that do not outlive the page', () => {
    const world = createFakeWorld()
    const transport = createTransport(world.platform, url)
    void transport.send('{}', 'fetch')
    expect(transport.room()).toBe(keepaliveBudgetBytes)
  })
})

describe('a beacon', () => {
  it('has an unknown outcome when the browser took it', async () => {
    const world = createFakeWorld()
    const transport = createTransport(world.platform, url)
    expect(await transport.send('{}', 'beacon')).toEqual({ kind: 'unknown' })
    expect(world.received[0]?.method).toBe('beacon')
  })

  it('has failed when the browser did not', async () => {
    const world = createFakeWorld()
    world.answer = () => new Error('full')
    const transport = createTransport(world.platform, url)
    expect(await transport.send('{}', 'beacon')).toEqual({ kind: 'failed', floorMs: 0 })
  })
})
