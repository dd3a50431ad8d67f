import { type Context, Hono } from 'hono'
import type { FetchApp, Tidemark } from '../index.ts'
import { isLocal } from '../routes/local-client.ts'
import { createRequestId, requestIdHeader } from '../shared/request-id.ts'
import { type HomePageRules, contentSecurityPolicy, formatHomePage } from './home-page-html.ts'
import { type SiteWarnings, readWarnings } from './home-page-warnings.ts'

export interface HomePageOptions {
  server: FetchApp
  scriptTag: Tidemark['scriptTag']
  /** Returns the current sites and access rules. */
  rules(): HomePageRules
}

const headers: Readonly<Record<string, string>> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': contentSecurityPolicy,
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  // The page depends on the Host header of the request.
  'Cache-Control': 'no-store',
}

/**
 * Adds a page at the root of the server, for users that open its address in a browser. The page names sites to programs
 * on this machine only: those with warnings, when reading needs no token.
 */
export function withHomePage(options: HomePageOptions): FetchApp {
  const { server, scriptTag, rules } = options
  const pages = new Hono()

  async function warningsFor(c: Context): Promise<SiteWarnings | undefined> {
    const { sites, readers } = rules()
    return readers === 'anyone' && isLocal(c) ? readWarnings(c, server, sites) : undefined
  }

  pages.get('/', async c => {
    // Without a scheme, because a proxy in front may use https.
    const tag = await scriptTag({ site: 'SITE', url: `//${new URL(c.req.url).host}` })
    const page = await formatHomePage({ rules: rules(), tag, warnings: await warningsFor(c) })
    return c.body(page, 200, { ...headers, [requestIdHeader]: createRequestId() })
  })

  return {
    fetch(request, env) {
      const isRead = request.method === 'GET' || request.method === 'HEAD'
      if (!isRead || !rootUrl.test(request.url)) return server.fetch(request, env)
      return pages.fetch(request, env)
    },
  }
}

/** Tested for every request; most URLs fail at their first characters. */
const rootUrl = /^https?:\/\/[^/]+\/(?:\?|$)/
