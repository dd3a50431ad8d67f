import type { Context } from 'hono'
import type { FetchApp, WarningsAnswer } from '../index.ts'

/** Most sites whose warnings the page has. */
const maxShownSites = 20

/** Warnings of the sites of a server; sites without warnings are left out. */
export interface SiteWarnings {
  readonly sites: readonly ({ readonly site: string } & WarningsAnswer)[]
  /** Sites that were not read: there are too many, or any ID is a site. */
  readonly hasOtherSites: boolean
}

/**
 * Reads the warnings of named sites from the API, as the client of a request. A site that the client may not read is
 * left out.
 * @returns `undefined` when the client may read none of the sites
 */
export async function readWarnings(
  c: Context,
  server: FetchApp,
  sites: readonly string[] = [],
): Promise<SiteWarnings | undefined> {
  const named = [...new Set(sites)]
  const answers = await Promise.all(
    named.slice(0, maxShownSites).map(async site => {
      const url = new URL(`/api/sites/${encodeURIComponent(site)}/warnings`, c.req.url)
      const request = new Request(url, { headers: c.req.raw.headers })
      const answer = await server.fetch(request, Object(c.env) as object)
      if (!answer.ok) return []
      const { warnings } = (await answer.json()) as WarningsAnswer
      return [{ site, warnings }]
    }),
  )
  const read = answers.flat()
  if (named.length > 0 && read.length === 0) return undefined
  return {
    sites: read.filter(({ warnings }) => warnings.length > 0),
    hasOtherSites: named.length === 0 || named.length > maxShownSites,
  }
}
