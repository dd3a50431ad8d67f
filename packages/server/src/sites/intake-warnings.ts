import type { OverflowKind } from '../rollup/bounds.ts'
import type { SiteState } from '../rollup/site.ts'
import type { Clock } from '../shared/clock.ts'
import { type IntakeWarningKind, describeWarning } from './warning-texts.ts'

/** A kind of refused or changed requests and events, since the server started. */
export interface IntakeWarning {
  readonly kind: IntakeWarningKind
  /** Requests, events or table rows; the text says which. */
  readonly count: number
  /** First and last time, in milliseconds since 1970. */
  readonly firstAt: number
  readonly lastAt: number
  /** A sentence with the count, without anything of an event or a sender. */
  readonly text: string
  readonly remedy: string
}

/** Warnings about the senders of a site. Memory is bounded by the number of kinds. */
export interface IntakeWarnings {
  /** @param times 0 records nothing. @default 1 */
  record(kind: IntakeWarningKind, times?: number): void
  /** Records the faults that the state of the site has counted since the last call. */
  observe(): void
  /** Returns one warning for each kind that occurred, the newest first. */
  list(): IntakeWarning[]
}

export interface IntakeWarningsOptions {
  state: Pick<SiteState, 'dedupe' | 'overflow'>
  clock: Pick<Clock, 'now'>
}

type Counted = Pick<IntakeWarning, 'count' | 'firstAt' | 'lastAt'>

const nameOverflow: ReadonlySet<OverflowKind> = new Set([
  'names',
  'live_names',
  'value_names',
  'session_pages',
  'properties',
])

/** Creates the warnings of a site. Earlier counts of its state are not among them. */
export function createIntakeWarnings({ state, clock }: IntakeWarningsOptions): IntakeWarnings {
  const counts = new Map<IntakeWarningKind, Counted>()

  function record(kind: IntakeWarningKind, times = 1): void {
    if (times <= 0) return
    const lastAt = clock.now()
    const { count = 0, firstAt = lastAt } = counts.get(kind) ?? {}
    counts.set(kind, { count: count + times, firstAt, lastAt })
  }

  let seen = countState(state)

  function observe(): void {
    const now = countState(state)
    record('repeated', now.repeated - seen.repeated)
    record('unnumbered', now.unnumbered - seen.unnumbered)
    record('names_overflow', now.names - seen.names)
    record('tables_overflow', now.tables - seen.tables)
    seen = now
  }

  return {
    record,
    observe,
    list() {
      observe()
      return [...counts]
        .map(([kind, counted]) => ({
          kind,
          ...counted,
          ...describeWarning(kind, counted.count),
        }))
        .toSorted((a, b) => b.lastAt - a.lastAt)
    },
  }
}

interface StateCounts {
  repeated: number
  unnumbered: number
  names: number
  tables: number
}

function countState({ dedupe, overflow }: IntakeWarningsOptions['state']): StateCounts {
  const counts = { repeated: dedupe.repeated, unnumbered: dedupe.unnumbered, names: 0, tables: 0 }
  for (const [kind, count] of overflow) counts[nameOverflow.has(kind) ? 'names' : 'tables'] += count
  return counts
}
