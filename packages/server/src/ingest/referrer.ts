import { pagePathOf } from '@tidemark/protocol'
import { memoizeLast } from '../shared/memoize-last.ts'
import { toHost } from './host.ts'
import { memoizeTexts } from './memoize-texts.ts'
import type { Place } from './places/place.ts'
import { toAppPlace, toHostPlace } from './source.ts'
import { toCleanText } from './text.ts'

/** The parts of a referrer that are counted. */
export interface Referrer {
  /** Host without `www.`; `undefined` for an app. */
  readonly host: string | undefined
  readonly place: Place
  /**
   * Host and path of the page, such as `www.example.org/links`; only the host of a mail client or an AI assistant.
   * `android-app://` and the package name of an app.
   */
  readonly page: string
}

/** An app, as Android's browsers and Google's iOS apps name it. The part after the name is a link into the app. */
const appFormat = /^(android-app|ios-app):\/\/([\w.]{1,200})(?=[/?#]|$)/i

/** Has a last value of its own, because a batch usually has one referrer and many pages. */
export const parseReferrer: (text: string) => Referrer | undefined = memoizeLast(
  memoizeTexts(parse, 2_000_000),
)

/** Parses the URL of a web page or of an app. Returns `undefined` for any other text. */
function parse(text: string): Referrer | undefined {
  const app = parseApp(text)
  if (app) return { host: undefined, place: toAppPlace(app.id), page: `${app.scheme}://${app.id}` }
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return undefined
  const host = toHost(url)
  const place = toHostPlace(host)
  const path = isPrivate(place) ? '/' : pagePathOf({ pathname: url.pathname, hash: '' })
  return { host, place, page: toCleanText(url.host + path) }
}

/** Returns whether the path of a page may be a secret: mails and conversations with an assistant are nobody else's. */
function isPrivate({ channel }: Place): boolean {
  return channel === 'Email' || channel === 'AI'
}

/**
 * Returns a referrer without what may be a secret: origin and path of a page, or the name of an app. It counts as before.
 * Returns `undefined` for any other text.
 */
export const redactReferrer: (text: string) => string | undefined = memoizeLast(
  memoizeTexts(redact, 1_000_000),
)

function redact(text: string): string | undefined {
  const app = parseApp(text)
  if (app) return `${app.scheme}://${app.id}/`
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return undefined
  return url.origin + (isPrivate(toHostPlace(toHost(url))) ? '/' : url.pathname)
}

/** Parses the address of an app. */
function parseApp(text: string): { scheme: string; id: string } | undefined {
  const [, scheme, id] = appFormat.exec(text) ?? []
  return scheme === undefined || id === undefined ? undefined : { scheme: scheme.toLowerCase(), id }
}
