import type { Device } from '@tidemark/protocol'
import type { EventSender } from '../rollup/event.ts'
import type { Place } from './place.ts'

/** Properties of the sender that all events of a request share. The log stores them. */
export interface SenderFacts extends Place {
  device: Device
  browser: string
  browserVersion: string
  os: string
  osVersion: string
  /** Preferred language of the request, without a region. That of the batch has precedence. */
  language: string | undefined
  /** Name of the program that sends the events; `undefined` for a person's browser. */
  bot: string | undefined
  /** Whether the program is an HTTP client. Its events are a person's if they name their visitor. @default false */
  isHttpClient?: boolean
}

/** Copies the facts alone. A fact that says nothing is left out of the log. */
export function toFacts(facts: SenderFacts): SenderFacts {
  const { country, region, city, device, browser, browserVersion, os, osVersion } = facts
  const { language, bot, isHttpClient } = facts
  return {
    ...{ country, region, city, device, browser, browserVersion, os, osVersion },
    ...{ language, bot },
    ...(isHttpClient && { isHttpClient }),
  }
}

/** Name of a browser that a program controls, if its user agent names no program. */
const automatedBrowser = 'Automated browser'

/** Returns the facts of a sender whose browser is controlled by a program. */
export function toAutomated(facts: SenderFacts): SenderFacts {
  return { ...facts, bot: facts.bot ?? automatedBrowser, isHttpClient: false }
}

/** Fields of a sender that the events and their batch state. */
type StatedFields = Pick<
  EventSender,
  'visitor' | 'client' | 'session' | 'user' | 'firstDay' | 'screen' | 'language'
>

/**
 * Returns the sender of an event. An HTTP client does not run the tracker: if it names a visitor, its events are sent
 * on purpose, by a server or an app.
 * @param isNamed whether the event has a `visitorId`
 */
export function toSender(facts: SenderFacts, stated: StatedFields, isNamed: boolean): EventSender {
  const { visitor, client, session, user, firstDay, screen, language = facts.language } = stated
  const { country, region, city, device, browser, browserVersion, os, osVersion } = facts
  return {
    visitor,
    client,
    session,
    user,
    firstDay,
    country,
    region,
    city,
    device,
    browser,
    browserVersion,
    os,
    osVersion,
    screen,
    language,
    bot: facts.isHttpClient && isNamed ? undefined : facts.bot,
  }
}
