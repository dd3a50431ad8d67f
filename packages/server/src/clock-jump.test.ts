import { describe, expect, it } from 'vitest'
import type { MetricsAnswer } from './index.ts'
import { type Clock, createSystemClock } from './shared/clock.ts'
import { ServerWarning } from './shared/server-warning.ts'
import { createManualClock } from './testing/clock.ts'
import { makeDirectory } from './testing/directory.ts'
import { createTestServer } from './testing/server.ts'
import { makeToken, secret, shopClaims } from './testing/token.ts'
import type { TidemarkOptions } from './config.ts'
import { createJumpWarning } from './shared/clock-warnings.ts'

/** Servers on a machine whose clock is adjusted while they run. */

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** @param setByMs adjustment of the machine's clock at the start */
function setUp(options: TidemarkOptions = {}, setByMs = 0) {
  const real = createManualClock()
  const reported: unknown[] = []
  const onError = (error: unknown): void => void reported.push(error)
  const machine = { setByMs }
  const wall = (): number => real.now() + machine.setByMs
  const onJump = (byMs: number): void => onError(createJumpWarning(byMs))
  const system = createSystemClock({ wall, monotonic: real.now, onJump })
  const clock: Clock = { ...system, after: real.after }
  const server = createTestServer({ onError, ...options, clock })
  return {
    ...{ machine, wall, reported, clock, real, server },
    view: async (visitorId: string) =>
      (await server.send({ name: 'page_view', url: 'https://shop.example/', visitorId })).status,
    visitors: async () => (await server.read())['currentVisitors'],
    viewsByHour: async (from: number, to: number): Promise<number[]> => {
      const query = `granularity=hour&from=${from}&to=${to}`
      const answer = await server.ask(`/api/sites/shop/metrics?${query}`)
      const { buckets } = (await answer.json()) as MetricsAnswer
      return (buckets ?? []).map(({ pageViews }) => pageViews ?? 0)
    },
  }
}

describe('A clock that jumps forward, or a machine that was suspended', () => {
  it('is reported once; presence expires, and events have the new time', async () => {
    const { machine, real, reported, wall, view, visitors, viewsByHour } = setUp()
    const before = wall()
    await view('ada')
    expect(await visitors()).toBe(1)
    machine.setByMs = 8 * hourMs
    real.advance(1000)
    await view('bob')
    real.advance(1000)
    expect(await visitors()).toBe(1)
    real.advance(5 * minuteMs + 1000)
    expect(await visitors()).toBe(0)
    const views = await viewsByHour(before, wall())
    expect([views[0], views[8]]).toEqual([1, 1])
    expect(reported).toHaveLength(1)
    expect(reported[0]).toBeInstanceOf(ServerWarning)
    expect(String(reported[0])).toContain('jumped forward by 8 hours')
  })
})

describe('A clock that jumps back', () => {
  it('is reported once; presence and windows go on, and time never goes back', async () => {
    const { machine, real, reported, view, visitors, server, clock } = setUp()
    await view('ada')
    const before = clock.now()
    machine.setByMs = -8 * hourMs
    real.advance(1000)
    await view('bob')
    expect(await visitors()).toBe(2)
    expect(clock.now()).toBeGreaterThan(before)
    // Five minutes of nine tenths of the speed.
    for (let second = 0; second < 335; second++) real.advance(1000)
    expect(await server.read()).toMatchObject({ currentVisitors: 0, pageViews: 0 })
    expect(reported).toHaveLength(1)
    expect(String(reported[0])).toContain('jumped back by 8 hours')
  })

  it('before a start lets the server continue from the time of its data', async () => {
    const dataDir = makeDirectory()
    const first = setUp({ storage: { dataDir } })
    await first.view('ada')
    await first.server.tidemark.close()
    const second = setUp({ storage: { dataDir } }, -8 * hourMs)
    expect(await second.visitors()).toBe(1)
    expect(second.clock.now()).toBeGreaterThanOrEqual(first.clock.now())
    expect(String(second.reported[0])).toContain('8 hours ahead of the system clock')
    expect(await second.view('bob')).toBe(202)
    for (let count = 0; count < 335; count++) second.real.advance(1000)
    expect(await second.visitors()).toBe(0)
  })
})

it('A start before the time is known: behaves, and so does the jump to the right time', async () => {
  const { machine, real, reported, wall, view, visitors, viewsByHour } = setUp(
    {},
    -createManualClock().now() + 1000,
  )
  expect(wall()).toBe(1000)
  await view('ada')
  real.advance(1000)
  expect(await visitors()).toBe(1)
  const startedAt = performance.now()
  machine.setByMs = 0
  real.advance(1000)
  await view('bob')
  real.advance(1000)
  expect(await visitors()).toBe(1)
  expect(performance.now() - startedAt).toBeLessThan(2000)
  expect((await viewsByHour(wall() - hourMs, wall())).at(-1)).toBe(1)
  expect(reported).toHaveLength(1)
})

describe('Tokens', () => {
  const tokenFor = (now: number, fromMs: number, toMs: number): string =>
    makeToken({
      ...shopClaims,
      nbf: Math.floor((now + fromMs) / 1000),
      exp: Math.floor((now + toMs) / 1000),
    })

  it.each([
    ['forward', 8 * hourMs],
    ['back', -8 * hourMs],
  ])('are checked by the wall clock after a jump %s', async (_, byMs) => {
    const { machine, real, wall, server } = setUp({ access: { tokens: { secret } } })
    const statusOf = async (token: string): Promise<number> => {
      const headers = { Authorization: `Bearer ${token}` }
      return (await server.ask('/api/sites/shop/realtime', { headers })).status
    }
    machine.setByMs = byMs
    real.advance(1000)
    expect(await statusOf(tokenFor(wall(), -hourMs, hourMs))).toBe(200)
    expect(await statusOf(tokenFor(wall(), -2 * hourMs, -hourMs))).toBe(401)
    expect(await statusOf(tokenFor(wall(), hourMs, 2 * hourMs))).toBe(401)
  })

  it('end an open stream within half a minute after a jump past their end', async () => {
    const { machine, real, wall, server } = setUp({ access: { tokens: { secret } } })
    const headers = { Authorization: `Bearer ${tokenFor(wall(), -hourMs, hourMs)}` }
    const answer = await server.ask('/api/sites/shop/realtime/sse', { headers })
    const text = answer.text()
    machine.setByMs = 2 * hourMs
    real.advance(31_000)
    expect(await text).toContain('"code":4401')
  })
})
