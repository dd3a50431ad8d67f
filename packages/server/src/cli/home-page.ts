import type { FetchApp } from '../index.ts'
import type { AccessRule } from './welcome.ts'

export interface HomePageOptions {
  server: FetchApp
  /** Whether any id may be a site's. The ids that there are, are not told. */
  acceptsAnySite: boolean
  readers: AccessRule
  senders: AccessRule
}

const headers = {
  'Content-Type': 'text/plain; charset=utf-8',
  'X-Content-Type-Options': 'nosniff',
  // It has in it by which name it was asked for.
  'Cache-Control': 'no-store',
}

/** The server with a page at its root, for who opens its address in a browser. */
export function withHomePage(home: HomePageOptions): FetchApp {
  const { server } = home
  return {
    async fetch(request, env) {
      const isRead = request.method === 'GET' || request.method === 'HEAD'
      if (!isRead || !rootAddress.test(request.url)) return server.fetch(request, env)
      const script = new Request(new URL('/tidemark.js', request.url))
      const { ok: hasTracker } = await server.fetch(script, {})
      const lines = homePage(home, new URL(request.url).host, hasTracker)
      return new Response(lines.map(line => `${line}\n`).join(''), { headers })
    },
  }
}

/** Every request is held against it, and most are known by their first letters. */
const rootAddress = /^https?:\/\/[^/]+\/(?:\?|$)/

function homePage(home: HomePageOptions, host: string, hasTracker: boolean): string[] {
  const { acceptsAnySite, readers, senders } = home
  const tokenFor = (who: AccessRule): string => (who === 'anyone' ? '' : ', with a token')
  return [
    'Tidemark, live web analytics. This server takes events and tells what they come to.',
    'It has no page but this one: dashboards read it from elsewhere.',
    '',
    ...howPagesSend(senders, host, hasTracker),
    '',
    acceptsAnySite
      ? 'SITE is any id: a site is made when it is first named. What there is:'
      : 'SITE is the id of a site of this server. What there is:',
    `  POST /api/sites/SITE/events     takes events${tokenFor(senders)}`,
    `  GET  /api/sites/SITE/realtime   who is here now${tokenFor(readers)}`,
    `  GET  /api/sites/SITE/metrics    history${tokenFor(readers)}`,
    '  GET  /api/health                whether the server lives',
    ...(hasTracker ? ['  GET  /tidemark.js               the tracker for pages'] : []),
    '',
    'The rest is in docs/server.md and docs/protocol.md of the project.',
  ]
}

function howPagesSend(senders: AccessRule, host: string, hasTracker: boolean): string[] {
  if (senders !== 'anyone') return ['Pages cannot send here, as they can keep no token.']
  if (!hasTracker) {
    return ['There is no tracker for pages yet: the server said at its start how it is built.']
  }
  return [
    'Paste this into the pages that you want to see here:',
    // Without a scheme, as a proxy in front may speak https for a server that speaks http.
    `  <script defer src="//${host}/tidemark.js" data-site="SITE"></script>`,
  ]
}
