import { type EventOrigin, directSource } from '../rollup/event.ts'
import type { Campaign } from './campaign.ts'
import { type PageAddress, toSource } from './page.ts'

/** Most origins that are remembered. */
const maxOrigins = 10_000

/**
 * Returns the origin of a visit. Equal origins are one object, because events are grouped by it: a batch may have many
 * pages, and mostly has one origin.
 * @param page address of the page; `undefined` if it is no web page
 * @param referrer referrer that the sender states; empty for a direct visit
 */
export function toOrigin(page: PageAddress | undefined, referrer: string | undefined): EventOrigin {
  const { host, campaign } = page ?? {}
  if (last && last.referrer === referrer && last.host === host && last.campaign === campaign) {
    return last.origin
  }
  const origin = intern(createOrigin(page, referrer))
  last = { referrer, host, campaign, origin }
  return origin
}

/** The previous origin and all values that it depends on. */
let last:
  | {
      referrer: string | undefined
      host: string | undefined
      campaign: Campaign | undefined
      origin: EventOrigin
    }
  | undefined

const origins = new Map<string, EventOrigin>()

/** Returns the first object with the same fields. */
function intern(origin: EventOrigin): EventOrigin {
  const key = JSON.stringify(origin)
  const known = origins.get(key)
  if (known) return known
  if (origins.size >= maxOrigins) origins.clear()
  origins.set(key, origin)
  return origin
}

function createOrigin(page: PageAddress | undefined, referrer: string | undefined): EventOrigin {
  const { source, campaign, medium, term, content, clickId } = page?.campaign ?? {}
  return { source: source ?? sourceOf(referrer, page), campaign, medium, term, content, clickId }
}

function sourceOf(referrer: string | undefined, page: PageAddress | undefined): string | undefined {
  if (referrer === undefined) return undefined
  return referrer === '' ? directSource : toSource(referrer, page)
}
