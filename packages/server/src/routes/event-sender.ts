import { type PlaceOf, createPlaceOf } from '../ingest/place.ts'
import type { ParsedBatch } from '../ingest/batch.ts'
import type { Sender } from '../ingest/decide.ts'
import type { FactsWithId } from '../ingest/described-visitor.ts'
import type { DeriveVisitorId } from '../ingest/visitor.ts'
import { toPreferredLanguage } from '../ingest/language.ts'
import { parseAddress } from '../shared/address.ts'
import type { Site } from '../sites/site.ts'
import { readClientHints } from '../user-agent/client-hints.ts'
import type { UserAgent } from '../user-agent/parse-user-agent.ts'
import { parseSender, parseStatedUserAgent } from '../user-agent/sender-user-agent.ts'
import type { RouteContext } from './context.ts'
import type { Proxies } from './proxies.ts'

export interface SenderOptions {
  proxies: Pick<Proxies, 'addressOf' | 'countryOf'>
  /** Derives the id of a visitor without one. */
  visitorOf: DeriveVisitorId
  /** @default only the country that a trusted CDN sent */
  placeOf?: PlaceOf
  /** Receives the fault that the program around the server passes no addresses. */
  onUnknownAddress(): void
}

/** Returns the sender of a request. The headers and the facts of its batch describe it. */
export type SenderOf = (c: RouteContext, site: Site, batch: ParsedBatch, now: number) => Sender

export function createSenderOf(options: SenderOptions): SenderOf {
  const { proxies, visitorOf, placeOf = createPlaceOf({}), onUnknownAddress } = options

  return (c, { id: site, warnings }, { facts: { touch } }, now) => {
    let hasWarned = false
    const warnOnce = (): void => {
      onUnknownAddress()
      if (!hasWarned) warnings.record('address_unknown')
      hasWarned = true
    }
    const header = c.req.header('User-Agent') ?? ''
    const address = proxies.addressOf(c)
    const country = proxies.countryOf(c)
    const of = (
      userAgent: string,
      agent: UserAgent,
      from: string,
      countryHeader: string | undefined,
      language: string | undefined,
    ): FactsWithId => ({
      deriveVisitorId() {
        if (from === '') warnOnce()
        return visitorOf(site, from, userAgent, now)
      },
      ...placeOf(countryHeader, from),
      ...agent,
      language,
    })
    const isTrusted = c.get('hasWriteKey')
    const hints = readClientHints(name => c.req.header(name))
    const agent = parseSender(header, isTrusted, { hints, touch })
    const language = toPreferredLanguage(c.req.header('Accept-Language') ?? '')
    const sender = of(header, agent, address, country, language)
    if (!isTrusted) return sender
    return {
      ...sender,
      ofVisitor: ({ userAgent, address: stated, country: statedCountry }) =>
        of(
          userAgent ?? header,
          // The hints of the request are those of the sender.
          userAgent === undefined ? agent : parseStatedUserAgent(userAgent, { touch }),
          stated === undefined ? address : (parseAddress(stated) ?? stated),
          // The header of a CDN has the country of the sender, not that of the visitor.
          statedCountry ?? (stated === undefined ? country : undefined),
          userAgent === undefined ? language : undefined,
        ),
    }
  }
}
