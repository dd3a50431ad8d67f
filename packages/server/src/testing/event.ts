import type { EventSender, SiteEvent } from '../rollup/event.ts'

/** What may be said of an event and its sender alike. */
export type EventFields = Partial<Omit<SiteEvent, 'sender'> & EventSender>

/** A page view of which little is known, at noon of a day in March, but for what is said. */
export function siteEvent(fields: EventFields = {}): SiteEvent {
  const {
    visitor = 'v',
    client,
    session,
    country,
    device = 'other',
    browser = '(unknown)',
    os = '(unknown)',
    isBot = false,
    ...event
  } = fields
  return {
    index: 0,
    sender: { visitor, client, session, country, device, browser, os, isBot },
    name: 'page_view',
    at: Date.UTC(2026, 2, 10, 12),
    n: undefined,
    path: '/',
    title: undefined,
    source: undefined,
    campaign: undefined,
    goals: [],
    value: undefined,
    ...event,
  }
}
