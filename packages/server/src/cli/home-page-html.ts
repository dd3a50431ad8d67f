import { hash } from 'node:crypto'
import { html, raw } from 'hono/html'
import type { IntakeWarning } from '../index.ts'
import type { SiteWarnings } from './home-page-warnings.ts'
import { homePageStyle } from './home-page-style.ts'
import { formatTime } from './text.ts'
import type { AccessRule } from './welcome.ts'

const styleHash = hash('sha256', homePageStyle, 'base64')

/** As one text, because the hash covers every space in it. */
const styleElement = `<style>${homePageStyle}</style>`

/** The page has one style and no script. */
export const contentSecurityPolicy: string = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** A part of the page, escaped. */
type Html = ReturnType<typeof html>

export interface HomePageRules {
  /** `undefined` for any. */
  readonly sites: readonly string[] | undefined
  readonly readers: AccessRule
  readonly senders: AccessRule
}

export interface HomePage {
  rules: HomePageRules
  /** Tag for the tracker; `undefined` when it is not built. */
  tag: string | undefined
  /** `undefined` for clients that may not see any. */
  warnings: SiteWarnings | undefined
}

/** Formats the page. All text is escaped. */
export async function formatHomePage({ rules, tag, warnings }: HomePage): Promise<string> {
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Tidemark</title>
        <link rel="icon" href="data:," />
        ${raw(styleElement)}
      </head>
      <body>
        <main>
          <h1>Tidemark</h1>
          <p>
            Live web analytics. This server receives events and serves statistics. It has no
            dashboard: dashboards run elsewhere and read this API.
          </p>
          ${warnings ? formatWarnings(warnings) : ''}
          <h2>Tracker</h2>
          ${formatTrackerHint(rules.senders, tag)}
          <h2>Endpoints</h2>
          ${formatEndpoints(rules, tag !== undefined)}
          <p class="quiet">Documentation: docs/server.md and docs/http-api.md of the project.</p>
        </main>
      </body>
    </html>`
  return String(page)
}

function formatWarnings({ sites, hasOtherSites }: SiteWarnings): Html {
  const otherSites = html`<p class="quiet">
    Warnings of ${sites.length > 0 ? 'other sites' : 'a site'}:
    <code>GET /api/sites/SITE/warnings</code>
  </p>`
  const none = html`<p class="good">
    No warnings since the server started: all events were accepted as they were sent.
  </p>`
  return html`<h2>Warnings</h2>
    ${sites.map(
      ({ site, warnings }) =>
        html`<h3>${site}</h3>
          <ul class="warnings">
            ${warnings.map(formatWarning)}
          </ul>`,
    )}
    ${hasOtherSites ? otherSites : ''} ${sites.length === 0 && !hasOtherSites ? none : ''}`
}

function formatWarning({ text, remedy, firstAt, lastAt }: IntakeWarning): Html {
  const first = toTime(firstAt)
  const last = toTime(lastAt)
  return html`<li>
    <strong>${withCode(text)}</strong>
    <span>${withCode(remedy)}</span>
    <small>${first === last ? html`At ${last}` : html`Last at ${last}, first at ${first}`}</small>
  </li>`
}

/** Formats a time to the second, in UTC. */
function toTime(at: number): string {
  return formatTime(Math.floor(at / 1000) * 1000)
    .replace('T', ' ')
    .replace('Z', ' UTC')
}

/** Marks texts between backticks as code. */
function withCode(text: string): readonly (string | Html)[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))
}

function formatTrackerHint(senders: AccessRule, tag: string | undefined): Html {
  if (senders !== 'anyone') {
    return html`<p>
      Sending events requires a token, so pages cannot send: a page cannot keep a secret.
    </p>`
  }
  if (tag === undefined) {
    return html`<p>
      The tracker script has not been built. The output of <code>tidemark serve</code> has the
      command.
    </p>`
  }
  return html`<p>To track a page, add this tag to it:</p>
    <pre tabindex="0"><code>${tag}</code></pre>`
}

function formatEndpoints({ sites, readers, senders }: HomePageRules, hasTracker: boolean): Html {
  const noteOf = (rule: AccessRule): string => (rule === 'anyone' ? '' : ', requires a token')
  const endpoints = [
    ['POST /api/sites/SITE/events', `send events${noteOf(senders)}`],
    ['GET /api/sites/SITE/realtime', `active visitors and recent events${noteOf(readers)}`],
    ['GET /api/sites/SITE/metrics', `history${noteOf(readers)}`],
    ['GET /api/sites/SITE/warnings', `refused and changed events${noteOf(readers)}`],
    ['GET /api/health', 'health of the server'],
    ...(hasTracker ? [['GET /tidemark.js', 'tracker script']] : []),
  ]
  const site =
    sites === undefined
      ? 'SITE is any ID, and its first use creates the site.'
      : 'SITE is the ID of a site of this server.'
  return html`<p>${site}</p>
    <dl>
      ${endpoints.map(
        ([endpoint, text]) =>
          html`<dt><code>${endpoint}</code></dt>
            <dd>${text}</dd>`,
      )}
    </dl>`
}
