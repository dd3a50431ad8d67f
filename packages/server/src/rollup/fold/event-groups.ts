import type { SiteEvent } from '../event.ts'

/**
 * Makes one of all events of a record that differ in nothing but their page and value, so that what they have
 * in common is counted once for all: a batch is mostly of one visitor and has few names.
 */
export interface EventGroups {
  add(event: SiteEvent): void
  /** Says how many there are of each kind. */
  flush(): void
}

/** Kinds that are held at a time, as each event is compared with all of them. */
const maxGroups = 8

/** @param count is told of the first event of a kind, and how many there are */
export function createEventGroups(count: (event: SiteEvent, times: number) => void): EventGroups {
  const firsts: SiteEvent[] = []
  const times: number[] = []

  function flush(): void {
    for (const [kind, first] of firsts.entries()) count(first, times[kind] ?? 0)
    firsts.length = 0
    times.length = 0
  }

  return {
    add(event) {
      for (let kind = 0; kind < firsts.length; kind++) {
        const first = firsts[kind]
        if (!first || !isSameGroup(first, event)) continue
        times[kind] = (times[kind] ?? 0) + 1
        return
      }
      if (firsts.length === maxGroups) flush()
      firsts.push(event)
      times.push(1)
    },
    flush,
  }
}

function isSameGroup(a: SiteEvent, b: SiteEvent): boolean {
  return (
    a.sender === b.sender &&
    a.name === b.name &&
    a.source === b.source &&
    a.campaign === b.campaign &&
    secondOf(a.at) === secondOf(b.at) &&
    // Whoever reached a goal is told of by itself.
    a.goals.length === 0 &&
    b.goals.length === 0
  )
}

function secondOf(at: number): number {
  return Math.floor(at / 1000)
}
