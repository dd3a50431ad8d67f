import type { SiteEvent } from '../event.ts'

/**
 * Groups the events of a record that differ only in page, title, number and value, so that their common fields are
 * counted once per group. Grouping pays off because a batch mostly has one visitor and few event names.
 */
export interface EventGroups {
  add(event: SiteEvent): void
  /** Emits all groups. */
  flush(): void
}

/** Most groups that are open at a time, as each event is compared with each of them. */
const maxGroups = 8

/** @param count receives the first event of each group, and the number of events in the group */
export function createEventGroups(count: (event: SiteEvent, times: number) => void): EventGroups {
  const firstEvents: SiteEvent[] = []
  const times: number[] = []

  function flush(): void {
    for (const [group, first] of firstEvents.entries()) count(first, times[group] ?? 0)
    firstEvents.length = 0
    times.length = 0
  }

  return {
    add(event) {
      for (let group = 0; group < firstEvents.length; group++) {
        const first = firstEvents[group]
        if (!first || !isSameGroup(first, event)) continue
        times[group] = (times[group] ?? 0) + 1
        return
      }
      if (firstEvents.length === maxGroups) flush()
      firstEvents.push(event)
      times.push(1)
    },
    flush,
  }
}

function isSameGroup(a: SiteEvent, b: SiteEvent): boolean {
  return (
    a.sender === b.sender &&
    a.name === b.name &&
    a.origin === b.origin &&
    a.detail === b.detail &&
    secondOf(a.at) === secondOf(b.at) &&
    // Each event that reaches a goal is counted separately.
    a.goals.length === 0 &&
    b.goals.length === 0
  )
}

function secondOf(at: number): number {
  return Math.floor(at / 1000)
}
