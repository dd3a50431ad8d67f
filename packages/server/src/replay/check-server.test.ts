import { describe, expect, it } from 'vitest'
import type { ReplayClock } from './clock.ts'
import { checkServer } from './check-server.ts'
import { replayLimits } from './limits.ts'
import type { TransportResponse, Transport } from './transport.ts'

/** Each attempt takes `attemptMs`, and each sleep ends immediately. */
function setUp(attempts: readonly (number | Error)[], attemptMs = 0) {
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
      now += attemptMs
      const outcome = attempts[Math.min(bodies.push(body), attempts.length) - 1]
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
  const check = checkServer({ transport, url, clock, random: () => 0.5, signal })
  return { check, bodies, clock }
}

const refused = new Error('connect ECONNREFUSED')

describe('makeContact', () => {
  it('sends an empty batch', async () => {
    const { check, bodies } = setUp([202])
    expect(await check).toBeUndefined()
    expect(bodies).toEqual(['{"events":[]}'])
  })

  it('names the server that refuses page views, and the reason', async () => {
    expect(await setUp([404]).check).toEqual({
      code: 'refused',
      message:
        'The server at http://stats.example refused the page views (site_unknown). Check the site.',
    })
  })

  it('waits for a server that starts a little later', async () => {
    const { check, bodies } = setUp([refused, refused, refused, 202])
    expect(await check).toBeUndefined()
    expect(bodies).toHaveLength(4)
  })

  it('gives up when the server does not start', async () => {
    const { check, clock } = setUp([refused])
    expect(await check).toEqual({
      code: 'unreachable',
      message: 'The server at http://stats.example does not respond: connect ECONNREFUSED.',
    })
    expect(clock.now()).toBe(replayLimits.startupWaitMs)
  })

  it('does not retry after a timeout that exceeds the start-up wait', async () => {
    const timeout = new Error('no response within 10 s')
    const { check, bodies } = setUp([timeout], replayLimits.requestTimeoutMs)
    expect((await check)?.code).toBe('unreachable')
    expect(bodies).toHaveLength(1)
  })

  it.each([429, 500, 503, 400, 413])(
    'leaves temporary errors such as %i to the batches',
    async status => {
      const { check, bodies } = setUp([status])
      expect(await check).toBeUndefined()
      expect(bodies).toHaveLength(1)
    },
  )
})
