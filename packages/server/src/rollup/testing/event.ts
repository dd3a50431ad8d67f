import type { EventOrigin, EventSender, SiteEvent } from '../event.ts'

/** Fields of an event, its sender and its origin. */
export type EventFields = Partial<Omit<SiteEvent, 'sender' | 'origin'> & EventSender & EventOrigin>

const origins = new Map<string, EventOrigin>()

/** Creates a page view at noon of March 10, 2026 (UTC), with the given fields. Equal origins are one object. */
export function siteEvent(fields: EventFields = {}): SiteEvent {
  const { sender, rest } = takeSender(fields)
  const { source, channel, referringPage, hostName, ...campaigns } = rest
  const { campaign, medium, term, content, clickId, ...event } = campaigns
  return {
    index: 0,
    sender,
    name: 'page_view',
    at: Date.UTC(2026, 2, 10, 12),
    n: undefined,
    path: '/',
    title: undefined,
    target: undefined,
    detail: undefined,
    properties: undefined,
    origin: siteOrigin({
      ...{ source, channel, referringPage, hostName },
      ...{ campaign, medium, term, content, clickId },
    }),
    goals: [],
    value: undefined,
    ...event,
  }
}

function takeSender(fields: EventFields) {
  const {
    visitor = 'v',
    client,
    session,
    user,
    firstDay,
    country,
    region,
    city,
    device = 'other',
    browser = '(unknown)',
    browserVersion = '(unknown)',
    os = '(unknown)',
    osVersion = '(unknown)',
    screen,
    language,
    bot,
    ...rest
  } = fields
  const place = { country, region, city }
  const technology = { device, browser, browserVersion, os, osVersion, screen, language }
  const ids = { visitor, client, session, user, firstDay }
  return { sender: { ...ids, ...place, ...technology, bot }, rest }
}

/** Returns the one origin with the given fields. */
export function siteOrigin(origin: EventOrigin): EventOrigin {
  const key = JSON.stringify(origin)
  const known = origins.get(key) ?? origin
  origins.set(key, known)
  return known
}
