import {
  type Selection,
  type StateAtCursor,
  applySnapshot,
  channelNames,
  formatCursor,
  isObject,
  selectionQuery,
} from '@tidemark/protocol'
import fc from 'fast-check'
import { expect, vi } from 'vitest'
import { select } from './selections.ts'
import { type TestServer, frameIntervalMs, startTestServer } from './test-server.ts'
import { transportNames, transports } from './transports/index.ts'

/** Timeout for network and server work, in milliseconds. */
const networkWait = { timeout: 5000, interval: 2 }

const goals = [{ name: 'Second page', path: '/1' }] as const
const pages = ['/0', '/1', '/2']

/** Every channel that a rule with a least count may show. */
const selection: Selection = select(
  channelNames.filter(name => name !== 'recentEvents'),
  5,
  pages,
  [{ event: 'page_view', property: 'plan' }],
)

interface Visit {
  readonly visitor: number
  readonly page: number
  /** Value of an event `order` that follows the page view. */
  readonly value: number | undefined
}

const round = fc.record({
  visits: fc.array(
    fc.record({
      visitor: fc.nat(6),
      page: fc.nat(pages.length - 1),
      value: fc.option(fc.nat(9), { nil: undefined }),
    }),
    { maxLength: 6 },
  ),
  afterMs: fc.constantFrom(frameIntervalMs, 1000, 5000, 61_000),
})

/**
 * Sends random visits of few visitors to a server that hides small counts. Readers of every transport must have the
 * state of a snapshot at each cursor, the numbers of a plain model, and never a smaller count.
 */
export async function checkSmallCounts(numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.array(round, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 2, max: 4 }),
      async (rounds, minCount) => {
        const server = await startTestServer('memory', {
          sites: [{ id: 'shop', public: { minCount } }],
          goals,
          connections: { heartbeatMs: 3_600_000 },
        })
        try {
          await run(server, rounds, minCount)
        } finally {
          await server.close()
        }
      },
    ),
    { numRuns },
  )
}

interface Round {
  readonly visits: readonly Visit[]
  readonly afterMs: number
}

async function run(server: TestServer, rounds: readonly Round[], minCount: number): Promise<void> {
  const states = new Map<string, StateAtCursor>()
  const pageOf = new Map<number, { page: number; at: number }>()
  const first = applySnapshot(undefined, await server.read(selection))
  const readers = transportNames.map(name =>
    transports[name]({ siteUrl: server.siteUrl, selection }),
  )
  try {
    const plans = new Map<string, number[]>()
    for (const { visits, afterMs } of rounds) {
      for (const visit of visits) {
        pageOf.set(visit.visitor, { page: visit.page, at: server.clock.now() })
        const plan = `plan ${visit.page}`
        plans.set(plan, [...(plans.get(plan) ?? []), visit.visitor])
        await send(server, visit)
      }
      server.clock.advance(afterMs)
      const current = applySnapshot(undefined, await server.read(selection))
      states.set(formatCursor(current.cursor), current)
      expectModel(current, [...pageOf.values()], { now: server.clock.now(), minCount })
      // Within a second, a change may wait for the next one.
      if (afterMs >= 1000) expectPlans(current, plans, minCount)
      await vi.waitFor(() => {
        for (const { position, violations } of readers) {
          expect(violations).toEqual([])
          expect(position && formatCursor(position.cursor)).toBe(formatCursor(current.cursor))
        }
      }, networkWait)
    }
  } finally {
    for (const reader of readers) reader.close()
  }
  for (const position of readers.flatMap(reader => reader.positions)) {
    const known = states.get(formatCursor(position.cursor)) ?? position
    states.set(formatCursor(position.cursor), known)
    expect(position).toEqual(known)
    expect(countsBelow(position.state, minCount)).toEqual([])
  }
  expect(countsBelow(await framesSince(server, first), minCount)).toEqual([])
}

async function send(server: TestServer, { visitor, page, value }: Visit): Promise<void> {
  const common = { visitorId: `v${visitor}`, url: `https://shop.example/${page}` }
  const order = value === undefined ? [] : [{ name: 'order', value, ...common }]
  const view = { name: 'page_view', ...common, properties: { plan: `plan ${page}` } }
  const body = JSON.stringify({ events: [view, ...order] })
  const request = new Request(`${server.siteUrl}/events`, { method: 'POST', body })
  expect((await server.tidemark.fetch(request)).status).toBe(202)
}

/** Returns the patches of all frames after a position; none when the server no longer has them. */
async function framesSince(server: TestServer, { cursor }: StateAtCursor): Promise<unknown> {
  const query = `${selectionQuery(selection)}&since=${formatCursor(cursor)}`
  const request = new Request(`${server.siteUrl}/realtime/frames?${query}`)
  const answer = await server.tidemark.fetch(request)
  return ((await answer.json()) as { frames?: unknown }).frames
}

const activeMs = 5 * 60_000

/** Compares the visitors of the site and of its pages with a plain model. */
function expectModel(
  { state }: StateAtCursor,
  visits: readonly { page: number; at: number }[],
  { now, minCount }: { now: number; minCount: number },
): void {
  const active = visits.filter(({ at }) => at + activeMs > now)
  const hide = (count: number): number => (count < minCount ? 0 : count)
  const byPage = pages.map((path, page) => ({
    path,
    visitors: hide(active.filter(each => each.page === page).length),
  }))
  expect(state.currentVisitors).toBe(hide(active.length))
  expect(state.pageVisitors).toEqual(byPage)
  const listed = (state.activePages ?? []).filter(row => !row.rest)
  expect(new Map(listed.map(row => [row.path, row.visitors]))).toEqual(
    new Map(byPage.filter(row => row.visitors > 0).map(row => [row.path, row.visitors])),
  )
}

/** Compares the values of a property with a plain model: the visitor of each event by value. */
function expectPlans(
  { state }: StateAtCursor,
  plans: ReadonlyMap<string, readonly number[]>,
  minCount: number,
): void {
  const all = [...plans].map(([property, visitors]) => ({ property, visitors }))
  const isLarge = ({ visitors }: { visitors: readonly number[] }): boolean =>
    new Set(visitors).size >= minCount
  const rest = all.filter(each => !isLarge(each)).flatMap(({ visitors }) => visitors)
  const small = isLarge({ visitors: rest }) ? [{ property: '(other)', visitors: rest }] : []
  const rows = [...all.filter(isLarge), ...small].map(({ property, visitors }) => [
    ...[property, visitors.length, new Set(visitors).size],
  ])
  const actual = state.properties?.[0]?.rows.map(row => [row.property, row.events, row.visitors])
  expect(new Set(actual?.map(String))).toEqual(new Set(rows.map(String)))
}

/** Names the fields that count visitors or, without visitors, events; and the totals of the site. */
const countNames = ['visitors', 'currentVisitors', 'pageViews', 'count']

/** Returns the counts above 0 and below a minimum, at any depth, as `name: count`. */
function countsBelow(value: unknown, minCount: number): string[] {
  if (Array.isArray(value)) return value.flatMap(each => countsBelow(each, minCount))
  if (!isObject(value)) return []
  // A visitor may reach a goal several times, or view several pages: such rows are compared by visitors alone.
  const names = 'visitors' in value ? ['visitors'] : countNames
  return Object.entries(value).flatMap(([name, field]) => {
    const isSmall = typeof field === 'number' && field > 0 && field < minCount
    return isSmall && names.includes(name) ? [`${name}: ${field}`] : countsBelow(field, minCount)
  })
}
