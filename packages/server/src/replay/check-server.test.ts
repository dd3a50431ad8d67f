import { describe, expect, it } from 'vitest'
import type { ReplayClock } from './clock.ts'
import { checkServer } from './check-server.ts'
import { replayLimits } from './limits.ts'
import type { TransportResponse, Transport } from './transport.ts'

/** A try takes as long as it takes, and every sleep ends at once. */
function setUp(tries: readonly (number | Error)[], tryMs = 0) {
  let now = 0
  const bodies: string[] = []
  const clock: ReplayClock = {
    now: () => now,
    async sleep(ms, signal) {
      signal.throwIfAborted()
      now += ms
    },
  }
  const transport: Transport = {
    async post(body): Promise<TransportResponse> {
      now += tryMs
      const outcome = tries[Math.min(bodies.push(body), tries.length) - 1]
      if (outcome instanceof Error) throw outcome
      const accepted = JSON.stringify({ accepted: 0, rejected: [] })
      const refused = JSON.stringify({ code: 'site_unknown', detail: 'Check the site.' })
      const status = outcome ?? 0
      return { status, retryAfter: undefined, body: status === 202 ? accepted : refused }
    },
    close: () => {},
  }
  const url = new URL('http://stats.example/api/sites/shop/events')
  const { signal } = new AbortController()
  const contact = checkServer({ transport, url, clock, random: () => 0.5, signal })
  return { contact, bodies, clock }
}

const refused = new Error('connect ECONNREFUSED')

describe('makeContact', () => {
  it('asks with a batch of nothing', async () => {
    const { contact, bodies } = setUp([202])
    expect(await contact).toBeUndefined()
    expect(bodies).toEqual(['{"events":[]}'])
  })

  it('says which server does not take page views, and why', async () => {
    expect(await setUp([404]).contact).toEqual({
      code: 'refused',
      message:
        'The server at http://stats.example does not take these page views (site_unknown). Check the site.',
    })
  })

  it('waits for a server that comes up a little later', async () => {
    const { contact, bodies } = setUp([refused, refused, refused, 202])
    expect(await contact).toBeUndefined()
    expect(bodies).toHaveLength(4)
  })

  it('gives up on one that does not come', async () => {
    const { contact, clock } = setUp([refused])
    expect(await contact).toEqual({
      code: 'unreachable',
      message: 'No server answers at http://stats.example: connect ECONNREFUSED.',
    })
    expect(clock.now()).toBe(replayLimits.startupWaitMs)
  })

  it('does not try a server again that was silent for longer than that', async () => {
    const silence = new Error('no answer within 10 s')
    const { contact, bodies } = setUp([silence], replayLimits.requestTimeoutMs)
    expect((await contact)?.code).toBe('unreachable')
    expect(bodies).toHaveLength(1)
  })

  it.each([429, 500, 503, 400, 413])('lets the page views find out more after %i', async status => {
    const { contact, bodies } = setUp([status])
    expect(await contact).toBeUndefined()
    expect(bodies).toHaveLength(1)
  })
})
