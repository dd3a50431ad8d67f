import { isDeepStrictEqual } from 'node:util'
import type { Decision, Sender, SiteRules } from '../decide.ts'
import { decide, rebuildEvents } from '../decide.ts'
import { type AddressOptions, createAddressRules } from '../address-rules.ts'
import { createGoals } from '../goals.ts'
import { redact } from '../redact.ts'
import { senderFacts } from '../../testing/sender-facts.ts'

const sender: Sender = {
  deriveVisitorId: () => '~v',
  ...senderFacts({ country: 'FR' }),
}
const now = Date.UTC(2026, 2, 10, 12)

/** Rules of sites, each with goals. */
const sites: readonly (SiteRules | undefined)[] = [
  undefined,
  ...(
    [
      { hostNames: ['shop.example', '*.shop.example'] },
      { pages: { query: ['id', 'utm_source', 'gclid', 'q'] }, hostNames: ['*.example'] },
      {
        pages: {
          trailingSlash: 'remove',
          letterCase: 'lower',
          indexFiles: ['index.html', 'a'],
          query: ['token'],
        },
      },
    ] satisfies AddressOptions[]
  ).map((options): SiteRules => {
    const addresses = createAddressRules(options)
    const goals = [{ name: 'A', path: '/**/a' } as const, { name: 'Route', path: '**#/*' } as const]
    return { addresses, goalsOf: createGoals(goals, addresses.pages) }
  }),
]

/** Returns a number from 0 up to and without a limit. */
type Draw = (limit: number) => number

/** A generator of numbers with a seed (mulberry32), because fast-check is too slow for a million bodies. */
function createDraw(seed: number): Draw {
  let state = seed
  return limit => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

const schemes = [
  'https://',
  'https://',
  'https://',
  'http://',
  'HTTPS://',
  'ftp://',
  '//',
  '',
  'https:/',
  'javascript:',
]
const credentials = ['', '', '', '', 'ada:pw@', '@', 'a%40b@']
const hosts = [
  'shop.example',
  'www.shop.example',
  'WWW.Shop.Example.',
  'm.shop.example',
  'shop.example:8443',
  'localhost:3000',
  'google.de',
  'l.facebook.com',
  'mail.google.com',
  'chatgpt.com',
  't.co',
  'bücher.example',
  'xn--bcher-kva.example',
  '127.0.0.1',
  '[::1]',
  '0x7f.1',
  'a_b.example',
  'a..b',
  'www.',
  'www.www.shop.example',
  'shop%2eexample',
  'news.example',
]
const pathParts = [
  '/',
  '/',
  '/a',
  '/A',
  '/index.html',
  '/.',
  '/..',
  '/%2e',
  '/%2E%2e',
  '/%c3%a9',
  '/%C3%A9',
  '/é',
  '/%7E',
  '/~',
  '/%',
  '/%%342',
  '/%2f',
  '/|',
  '/^',
  '/ ',
  '/"<>',
  '//',
  '\\',
  ';jsessionid=1',
  '/a+b',
  '/%00',
  '/\u202e',
  '/\ud800',
  '/%FF',
  '/x=1',
  '/a:b',
  '/@',
]
const names = [
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'utm_term',
  'utm_content',
  'utm%5Fsource',
  '%75tm_source',
  'utm%5fmedium',
  'UTM_SOURCE',
  'utm_source%00',
  ' utm_source',
  'utm+source',
  'gclid',
  'fbclid',
  'msclkid',
  'ScCid',
  'gcl%69d',
  'token',
  'q',
  'id',
  '',
]
const values = [
  'news',
  'fb',
  'Facebook',
  'google_ads',
  '',
  ' ',
  '+',
  '%20',
  'cpc',
  'email',
  'a%20b',
  'a+b',
  '%C3%A9',
  '%c3%a9',
  'é',
  '%FF',
  '%',
  '%zz',
  '%00',
  '%E2%80%AE',
  'a%26utm_source=x',
  'a%3Db',
  '%23x',
  'www.shop.example',
  'https://x.com/?a',
  '\ud800',
  'x'.repeat(250),
  'a=b=c',
]
const ends = [
  '',
  '',
  '',
  '#',
  '#/',
  '#!/',
  '#/about',
  '#about',
  '#/caf%c3%a9?token=x',
  '#token=x',
  '#/a=b',
  '#?utm_source=x',
  '#é',
  '#%',
  '#/|',
]
const referrers = [
  '',
  '',
  '-',
  'nowhere',
  'android-app://com.slack/',
  'android-app://com.Google.android.gm',
  'android-app://a b/',
  'android-app://',
  'ANDROID-APP://com.slack/https/shop.example?x#y',
  'ios-app://284882215/fb',
  'about:blank',
  'android-app://com.slack\\',
  'android-app:com.slack',
]

function createAddresses(draw: Draw): { url(): string; referrer(): string } {
  const pick = (list: readonly string[]): string => list[draw(list.length)] ?? ''
  const many = (limit: number, next: () => string): string => {
    let text = ''
    for (let count = draw(limit); count > 0; count--) text += next()
    return text
  }
  const parameter = (): string => `&${pick(names)}${draw(9) === 0 ? '' : '='}${pick(values)}`
  const query = (): string => (draw(3) === 0 ? '' : `?${many(5, parameter).slice(draw(2))}`)
  const path = (): string =>
    many(5, () => pick(pathParts)) + (draw(60) === 0 ? '/x'.repeat(480 + draw(30)) : '')
  const url = (): string =>
    pick(schemes) + pick(credentials) + pick(hosts) + path() + query() + pick(ends)
  return { url, referrer: () => (draw(3) === 0 ? pick(referrers) : url()) }
}

/** An address for which a rebuild from the log gives other events. */
export interface Difference {
  body: string
  logged: string
  decided: unknown
  rebuilt: unknown
}

export interface FuzzResult {
  /** The first difference in any field; `undefined` if there is none. */
  difference: Difference | undefined
  /** Number of events that were decided on and rebuilt. */
  events: number
}

/**
 * Decides on bodies with random addresses, and rebuilds their events from the logged body and decision.
 * @param addresses number of addresses: each body has a URL and a referrer
 */
export function fuzzRebuild(addresses: number, seed: number): FuzzResult {
  let events = 0
  const draw = createDraw(seed)
  const { url, referrer } = createAddresses(draw)
  for (let done = 0; done < addresses; done += 2) {
    const event = { name: 'page_view', url: url(), ...(draw(9) > 0 && { referrer: referrer() }) }
    const body = JSON.stringify(draw(4) === 0 ? { ...event, events: [{ name: 'a' }] } : event)
    const site = sites[draw(sites.length)]
    const intake = decide(body, sender, now, site)
    if (typeof intake === 'string') continue
    events += intake.events.length
    const logged = redact(body, site?.addresses?.pages)
    const decision = JSON.parse(JSON.stringify(intake.decision)) as Decision
    const rebuilt = rebuildEvents(logged, decision, now).events
    if (!isDeepStrictEqual(rebuilt, intake.events)) {
      return { difference: { body, logged, decided: intake.events, rebuilt }, events }
    }
    const again = redact(logged, site?.addresses?.pages)
    if (again !== logged) {
      return { difference: { body, logged, decided: logged, rebuilt: again }, events }
    }
  }
  return { difference: undefined, events }
}
