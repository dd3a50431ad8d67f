import { readerLimits } from './limits.ts'

/** The parts of a `URL` that name a page. */
interface PageUrl {
  readonly pathname: string
  /** With its `#`; empty if there is no fragment. */
  readonly hash: string
}

/** The part of the global `URL` that this file uses. Every runtime of the protocol has it, but with its own types. */
declare const URL: new (url: string) => PageUrl

/** Matches fragments that name the page itself: of no route, or of the root of a hash router. */
const rootFragment = /^#?!?\/?$/

/**
 * Returns the path by which the page of a URL counts: without query, with normalized escapes, and at most
 * `limits.maxPathLength` long. A fragment is part of the path, because it is the page of an app with a hash router;
 * trackers send no other fragments.
 * @param rewrite rules of a site for its paths. @default none
 */
export function pagePathOf({ pathname, hash }: PageUrl, rewrite?: RewritePath): string {
  const normalized = normalizeEscapes(pathname)
  const whole = rewrite ? rewrite(normalized) : normalized
  const path = cut(whole, readerLimits.maxPathLength)
  if (path.length < whole.length) {
    // A cut can leave a segment that the URL standard removes, so that the path would not be normalized.
    const end = path.replace(/\/\.{1,2}$/, '/')
    return rewrite ? rewrite(end) : end
  }
  const route = rewriteRoute(pageFragmentOf(hash), rewrite)
  const end = cut(route, readerLimits.maxPathLength - path.length)
  const fragment = end.length < route.length ? rewriteRoute(end, rewrite) : end
  return rootFragment.test(fragment) ? path : path + fragment
}

/** Applies the rules of a site to a normalized path without query. */
export type RewritePath = (path: string) => string

/** Applies the rules of a site to the fragment of a page: the route of a hash router is a path as well. */
function rewriteRoute(fragment: string, rewrite: RewritePath | undefined): string {
  const [mark = '', path = ''] = fragment.split(/(?<=^#!?)(?=\/)/)
  return rewrite && path !== '' ? mark + rewrite(path) : fragment
}

/** Truncates normalized text, and removes the rest of an escape at its end. */
function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : text.slice(0, maxLength).replace(/%.?$/, '')
}

/**
 * Writes the escapes of a serialized path or fragment in one way, so that equivalent addresses are one page (RFC 3986,
 * section 6.2.2). Escapes of unreserved characters are decoded, and the others have upper-case digits. The characters
 * `|` and `%`, which the URL standard also accepts as they are, are escaped.
 */
export function normalizeEscapes(text: string): string {
  if (!/[%|]/.test(text)) return text
  return text.replaceAll('|', '%7C').replaceAll(/%(?:[\da-f]{2})?/gi, escape => {
    if (escape === '%') return '%25'
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
    return /[\w.~-]/.test(character) ? character : escape.toUpperCase()
  })
}

/**
 * Returns the fragment of a page without its query, such as `#/about`. Returns an empty text for the page itself, and
 * for a fragment such as `#access_token=…`, which may contain a secret: one with an equals sign that begins with neither
 * a slash nor an exclamation mark.
 * @param hash fragment as the URL standard serializes it, with its `#`
 */
export function pageFragmentOf(hash: string): string {
  const [fragment = ''] = normalizeEscapes(hash).split('?', 1)
  const isRoute = /^#[/!]/.test(fragment) || !fragment.includes('=')
  return isRoute && !rootFragment.test(fragment) ? fragment : ''
}

/**
 * Normalizes a path as the server normalizes the paths of events: by the URL standard, without query. The fragment is
 * part of the path, as in `/#/about`. Returns `undefined` for anything but a text that starts with a slash.
 */
export function toPagePath(text: unknown): string | undefined {
  // The host is a placeholder: a relative URL such as `//a/b` would name another host.
  return typeof text === 'string' && text.startsWith('/')
    ? pagePathOf(new URL(`http://a${text}`))
    : undefined
}
