import type { FeedEntry } from '@tidemark/protocol'

/** A page view that was sent, with or without an answer. */
export interface SentView {
  client: string
  n: number
  visitor: string
  path: string
  at: number
}

/** A page view that reached the server, possibly as a repetition. */
export interface ReceivedView extends SentView {
  receivedAt: number
}

/** Expected state of the server. */
export interface Expected {
  currentVisitors: number
  activePages: ReadonlyMap<string, number>
  pageViews: number
  feed: Pick<FeedEntry, 'type' | 'goal' | 'path' | 'timestamp'>[]
}

const activeMs = 5 * 60_000

/** Goal of the server: each page view of its path reaches it. */
export const pageGoal = { name: 'Second page', path: '/p1' } as const

/** Computes the expected state from scratch from all received page views. */
export function toExpected(received: readonly ReceivedView[], now: number): Expected {
  const seen = new Set<string>()
  const views = received.filter(({ client, n }) => {
    const isNew = !seen.has(`${client} ${n}`)
    seen.add(`${client} ${n}`)
    return isNew
  })
  // A page view that arrives after its visitor would be inactive counts in history only.
  const current = views.filter(view => view.at + activeMs > view.receivedAt)
  const latest = new Map(current.map(view => [view.visitor, view]))
  const active = [...latest.values()].filter(view => view.receivedAt + activeMs > now)
  const activePages = new Map<string, number>()
  for (const { path } of active) activePages.set(path, (activePages.get(path) ?? 0) + 1)
  const second = Math.floor(now / 1000)
  return {
    currentVisitors: active.length,
    activePages,
    pageViews: views.filter(view => second - Math.floor(view.at / 1000) < 300).length,
    feed: current
      .toReversed()
      .slice(0, 50)
      .map(({ path, at }) => ({
        ...(path === pageGoal.path ? { type: 'goal', goal: pageGoal.name } : { type: 'pageview' }),
        path,
        timestamp: at,
      })),
  }
}

export function toComparable(entries: readonly FeedEntry[]): Expected['feed'] {
  return entries.map(({ type, goal, path = '', timestamp }) => ({
    ...{ type, path, timestamp },
    ...(goal !== undefined && { goal }),
  }))
}
