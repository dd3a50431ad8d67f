import type { FeedEntry } from '@tidemark/protocol'

/** One page view that was sent, whether or not anyone answered. */
export interface SentView {
  client: string
  n: number
  visitor: string
  path: string
  at: number
}

/** A page view as it reached the server, perhaps not for the first time. */
export interface TakenView extends SentView {
  receivedAt: number
}

/** What the server should show, worked out from scratch from everything that it took. */
export interface Expected {
  currentVisitors: number
  activePages: ReadonlyMap<string, number>
  pageViews: number
  feed: { path: string | undefined; timestamp: number }[]
}

const activeMs = 5 * 60_000

export function toExpected(taken: readonly TakenView[], now: number): Expected {
  const seen = new Set<string>()
  const views = taken.filter(({ client, n }) => {
    const isNew = !seen.has(`${client} ${n}`)
    seen.add(`${client} ${n}`)
    return isNew
  })
  // What happened longer ago than anyone stays active is history by the time it arrives.
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
      .map(({ path, at }) => ({ path, timestamp: at })),
  }
}

export function toComparable(entries: readonly FeedEntry[]): Expected['feed'] {
  return entries.map(({ path, timestamp }) => ({ path, timestamp }))
}
