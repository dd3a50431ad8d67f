import type { SiteEvent } from '../rollup/event.ts'

/** A page view of which little is known, at noon of a day in March, but for what is said. */
export function siteEvent(fields: Partial<SiteEvent> = {}): SiteEvent {
  return {
    name: 'page_view',
    at: Date.UTC(2026, 2, 10, 12),
    visitor: 'v',
    client: undefined,
    n: undefined,
    path: '/',
    title: undefined,
    source: undefined,
    campaign: undefined,
    country: undefined,
    device: 'other',
    browser: '(unknown)',
    os: '(unknown)',
    isBot: false,
    session: undefined,
    goals: [],
    value: undefined,
    ...fields,
  }
}
