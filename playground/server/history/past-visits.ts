import { type TrackedEvent, eventNames } from '@tidemark/protocol'
import { browserFactsOf, countries, pickWeighted, userAgents } from '../shoppers/personas.ts'
import { planVisit } from '../shoppers/visit.ts'
import { type VisitStep, referrerOf } from '../shoppers/visit-step.ts'
import { pastBots } from './past-bots.ts'
import type { PastGroup } from './past-group.ts'
import { type PastSpan, visitsPerHour } from './visit-rate.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** Combinations of browser and country. Each is a request per day, so they bound the time of the import. */
const audienceCount = 48
/** Visitors of the whole span. Some therefore return. */
const visitorCount = 4000
/** Different visits, which repeat at other times. Planning each visit takes longer than the import of its events. */
const planCount = 300
/** Age up to which visits have exact times. */
const exactMs = 6 * hourMs
/** Age up to which the server has minutes. */
const minutesMs = 48 * hourMs
const oldStepMs = 20

export interface PastVisits {
  /** Returns the events of all visits that begin in `[from, to)`. */
  between(from: number, to: number): PastGroup[]
}

/** @param origin origin of the shop: `http://127.0.0.1:4711` */
export function createPastVisits(span: PastSpan, origin: string, random: () => number): PastVisits {
  const plans = Array.from({ length: planCount }, () => [...planVisit(random)])
  const audiences = Array.from({ length: audienceCount }, () => {
    const userAgent = pickWeighted(userAgents, random)
    const country = pickWeighted(countries, random)
    return { userAgent, country, ...browserFactsOf({ userAgent, country }, random) }
  })
  const pick = (count: number): number => Math.floor(random() * count)

  function addVisit(groups: readonly PastGroup[], hour: number): void {
    const plan = plans[pick(planCount)] ?? []
    const visitor = pick(visitorCount)
    const isExact = hour >= span.end - exactMs
    const start = isExact ? pick(lengthOf(hour, span.end)) : roundedStart(span.end - hour, random)
    let at = hour + start
    const events = groups[visitor % audienceCount]?.events
    let pageBefore: string | undefined
    for (const step of plan) {
      if (at >= span.end) return
      const event = toEvent(step, at, `past-${visitor}`, origin)
      const referrer = referrerOf(step, pageBefore)
      events?.push({ ...event, ...(referrer !== undefined && { referrer }) })
      pageBefore = origin + step.path
      at += isExact ? step.pauseMs : oldStepMs
    }
    const last = engagement(`past-${visitor}`, hour + start, at, random)
    if (plan.length > 1 && (last.timestamp ?? at) < span.end) events?.push(last)
  }

  return {
    between(from, to) {
      const groups = audiences.map(audience => ({ ...audience, events: [] }))
      const daily = 0.85 + 0.3 * random()
      for (let hour = from; hour < to; hour += hourMs) {
        const visits = visitsPerHour(hour, span) * daily * (lengthOf(hour, to) / hourMs)
        for (let visit = 0; visit < Math.floor(visits + random()); visit++) addVisit(groups, hour)
      }
      return [...groups, ...pastBots({ from, to }, origin, random)].filter(
        ({ events }) => events.length > 0,
      )
    },
  }
}

/** Returns the length of an hour that may be incomplete, in milliseconds. */
function lengthOf(hour: number, end: number): number {
  return Math.min(hourMs, end - hour)
}

/**
 * Returns the start of an older visit within its hour. Old visits gather in a few minutes, or in one where the server
 * has hours only, because the import takes time for each minute. Hours and days do not show it.
 */
function roundedStart(ageMs: number, random: () => number): number {
  const minute = ageMs > minutesMs ? 0 : 5 * Math.floor(12 * random())
  return minute * minuteMs + Math.floor(30_000 * random())
}

/** Returns the last event of a visit: an older one lasts up to five minutes, as its steps are close together. */
function engagement(
  visitorId: string,
  start: number,
  end: number,
  random: () => number,
): TrackedEvent {
  const lengthMs = Math.max(end - start, Math.floor(6 * random()) * minuteMs)
  const value = Math.round(lengthMs * (0.4 + 0.4 * random()))
  return { name: eventNames.engagement, timestamp: start + lengthMs, visitorId, value }
}

function toEvent(
  step: VisitStep,
  timestamp: number,
  visitorId: string,
  origin: string,
): TrackedEvent {
  const { name, path, title, query = '', properties, value } = step
  return {
    ...{ name, timestamp, visitorId, title },
    url: origin + path + query,
    // The batch has the one that all events share.
    ...(Object.keys(properties).length > 1 && { properties: { ...properties } }),
    ...(value !== undefined && { value }),
  }
}
