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
 * Returns the path by which the page of a URL counts: without query, at most `limits.maxPathLength` long. A fragment is
 * part of the path, because it is the page of an app with a hash router; trackers send no other fragments.
 */
export function pagePathOf({ pathname, hash }: PageUrl): string {
  const path = pathname.slice(0, readerLimits.maxPathLength)
  // A cut can leave a segment that the URL standard removes, so that the path would not be normalized.
  if (path.length < pathname.length) return path.replace(/\/(?:\.|%2e){1,2}$/i, '/')
  const fragment = pageFragmentOf(hash).slice(0, readerLimits.maxPathLength - path.length)
  return rootFragment.test(fragment) ? path : path + fragment
}

/**
 * Returns the fragment of a page without its query, such as `#/about`. Returns an empty text for the page itself, and
 * for a fragment such as `#access_token=…`, which may contain a secret: one with an equals sign that begins with neither
 * a slash nor an exclamation mark.
 * @param hash fragment as the URL standard serializes it, with its `#`
 */
export function pageFragmentOf(hash: string): string {
  const [fragment = ''] = hash.split('?', 1)
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
