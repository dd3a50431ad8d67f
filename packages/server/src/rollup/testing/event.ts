import type { EventSender, SiteEvent } from '../event.ts'

/** Fields of an event and its sender. */
export type EventFields = Partial<Omit<SiteEvent, 'sender'> & EventSender>

/** Creates a page view at noon of March 10, 2026 (UTC), with the given fields. */
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
    target: undefined,
    source: undefined,
    campaign: undefined,
    goals: [],
    value: undefined,
    ...event,
  }
}
