import type { FetchApp, Tidemark } from '../index.ts'
import { createRequestId, requestIdHeader } from '../shared/request-id.ts'
import type { AccessRule } from './welcome.ts'

export interface HomePageOptions {
  server: FetchApp
  scriptTag: Tidemark['scriptTag']
  /** Returns the current sites and access rules. The page never lists the sites. */
  rules(): HomePageRules
}

export interface HomePageRules {
  /** `undefined` for any. */
  readonly sites: readonly string[] | undefined
  readonly readers: AccessRule
  readonly senders: AccessRule
}

const headers: Readonly<Record<string, string>> = {
  'Content-Type': 'text/plain; charset=utf-8',
  'X-Content-Type-Options': 'nosniff',
  // The page depends on the Host header of the request.
  'Cache-Control': 'no-store',
}

/** Adds a page at the root of the server, for users that open its address in a browser. */
export function withHomePage(options: HomePageOptions): FetchApp {
  const { server, scriptTag } = options
  return {
    async fetch(request, env) {
      const isRead = request.method === 'GET' || request.method === 'HEAD'
      if (!isRead || !rootUrl.test(request.url)) return server.fetch(request, env)
      // Without a scheme, because a proxy in front may use https.
      const tag = await scriptTag({ site: 'SITE', url: `//${new URL(request.url).host}` })
      const lines = formatHomePage(options.rules(), tag)
      return new Response(lines.map(line => `${line}\n`).join(''), {
        headers: { ...headers, [requestIdHeader]: createRequestId() },
      })
    },
  }
}

/** Tested for every request; most URLs fail at their first characters. */
const rootUrl = /^https?:\/\/[^/]+\/(?:\?|$)/

function formatHomePage(rules: HomePageRules, tag: string | undefined): string[] {
  const { sites, readers, senders } = rules
  const tokenNote = (rule: AccessRule): string => (rule === 'anyone' ? '' : ', requires a token')
  return [
    'Tidemark, live web analytics. This server receives events and serves statistics.',
    'It has no dashboard: dashboards run elsewhere and read this API.',
    '',
    ...formatTrackerHint(senders, tag),
    '',
    sites === undefined
      ? 'Endpoints; SITE is any ID, and its first use creates the site:'
      : 'Endpoints; SITE is the ID of a site of this server:',
    `  POST /api/sites/SITE/events     send events${tokenNote(senders)}`,
    `  GET  /api/sites/SITE/realtime   active visitors and recent events${tokenNote(readers)}`,
    `  GET  /api/sites/SITE/metrics    history${tokenNote(readers)}`,
    '  GET  /api/health                health of the server',
    ...(tag !== undefined ? ['  GET  /tidemark.js               tracker script'] : []),
    '',
    'Documentation: docs/server.md and docs/http-api.md of the project.',
  ]
}

function formatTrackerHint(senders: AccessRule, tag: string | undefined): string[] {
  if (senders !== 'anyone') {
    return ['Sending events requires a token, so pages cannot send: a page cannot keep a secret.']
  }
  if (tag === undefined) {
    return [
      'The tracker script has not been built. The output of `tidemark serve` has the command.',
    ]
  }
  return ['To track a page, add this tag to it:', `  ${tag}`]
}
