/** A session with its sums. Times are in milliseconds since 1970, pages are numbers of `PageNames`. */
export interface Visit {
  /** Time of the first event, engagement included. */
  start: number
  /** Time of the last event, engagement included. */
  end: number
  /** Events of the person: 0, 1, or 2 for several. Without any, the visit counts nowhere yet. */
  events: number
  /** Time of the person's first event. The visit counts there. */
  first: number
  views: number
  /** Milliseconds in which a page was visible and had the focus. */
  engagedMs: number
  /** Time and page of the first page view. */
  entryAt: number
  entryPage: number
  /** Time and page of the last page view. */
  exitAt: number
  exitPage: number
  /** Whether the visit counts as a bounce, by the rule of the time of its last change. */
  isBounce: boolean
}

/** An event that belongs to a visit. */
export interface VisitEvent {
  readonly at: number
  /** Whether the person acted: false for engagement. */
  readonly isByPerson: boolean
  readonly isView: boolean
  /** Page of a view. */
  readonly page: number
  readonly engagedMs: number
}

/** A visit is a bounce with a single event, or with less engaged time than `minEngagedMs`. */
export const bounceRules = ['one-event', 'not-engaged'] as const
export type BounceRule = (typeof bounceRules)[number]

/** With the rule `not-engaged`, a visit with less engaged time is a bounce. */
export const minEngagedMs = 10_000

const maxWord = 2 ** 32 - 1

export function toVisit({ at, isByPerson, isView, page, engagedMs }: VisitEvent): Visit {
  return {
    start: at,
    end: at,
    events: isByPerson ? 1 : 0,
    first: at,
    views: isView ? 1 : 0,
    engagedMs,
    entryAt: at,
    entryPage: page,
    exitAt: at,
    exitPage: page,
    isBounce: false,
  }
}

/** Compares two pages, as `toSorted` expects it, independently of the order in which they were numbered. */
export type ComparePages = (a: number, b: number) => number

/** Adds an event to a visit. At equal times, the lesser page is earlier, so that no order matters. */
export function addToVisit(
  visit: Visit,
  { at, isByPerson, isView, page, engagedMs }: VisitEvent,
  comparePages: ComparePages,
): void {
  if (at < visit.start) visit.start = at
  if (at > visit.end) visit.end = at
  visit.engagedMs = Math.min(maxWord, visit.engagedMs + engagedMs)
  if (!isByPerson) return
  if (visit.events === 0 || at < visit.first) visit.first = at
  visit.events = visit.events === 0 ? 1 : 2
  if (!isView) return
  const isFirst = visit.views === 0
  const isEntryTie = at === visit.entryAt && page !== visit.entryPage
  if (isFirst || at < visit.entryAt || (isEntryTie && comparePages(page, visit.entryPage) < 0)) {
    visit.entryAt = at
    visit.entryPage = page
  }
  const isExitTie = at === visit.exitAt && page !== visit.exitPage
  if (isFirst || at > visit.exitAt || (isExitTie && comparePages(page, visit.exitPage) > 0)) {
    visit.exitAt = at
    visit.exitPage = page
  }
  if (visit.views < maxWord) visit.views++
}

/** Returns the visit that consists of two visits, the earlier one first. */
export function joinVisits(a: Visit, b: Visit): Visit {
  const entry = a.views > 0 ? a : b
  const exit = b.views > 0 ? b : a
  return {
    start: a.start,
    end: Math.max(a.end, b.end),
    events: Math.min(2, a.events + b.events),
    first: a.events > 0 ? a.first : b.first,
    views: Math.min(maxWord, a.views + b.views),
    engagedMs: Math.min(maxWord, a.engagedMs + b.engagedMs),
    entryAt: entry.entryAt,
    entryPage: entry.entryPage,
    exitAt: exit.exitAt,
    exitPage: exit.exitPage,
    isBounce: false,
  }
}

/** Returns whether a visit is a bounce. */
export function isBounce({ events, engagedMs }: Visit, rule: BounceRule): boolean {
  return events > 0 && (rule === 'one-event' ? events === 1 : engagedMs < minEngagedMs)
}
