import type { LogEntry } from './entry.ts'

/** What a request was. `asset` is anything that was answered well and is not a page. */
export type RequestKind = 'page_view' | 'asset' | 'redirect' | 'failed' | 'other_method'

/**
 * Tells page views from everything else in a log. The first that applies:
 *
 * 1. `failed`: the status is 4xx, 5xx or none, or the request was not HTTP.
 * 2. `other_method`: the method is not GET. A HEAD shows nobody a page, and a form that was posted is
 *    followed by the page that it leads to.
 * 3. `redirect`: the status is 3xx, but not 304. The page is the next request.
 * 4. `asset`: the status is 1xx, 204, 205 or 206 (no page, or a piece of one), or the address is not one
 *    of a page: see `isPageTarget`.
 * 5. `page_view`: all that is left, so a GET of a page, answered in full or with 304.
 *
 * Bots are not told apart.
 */
export function classifyRequest(entry: LogEntry): RequestKind {
  const { request, status } = entry
  if (!request || status < 100 || status >= 400) return 'failed'
  if (request.method !== 'GET') return 'other_method'
  if (status >= 300) return status === 304 ? kindOfTarget(request.target) : 'redirect'
  if (status < 200 || status === 204 || status === 205 || status === 206) return 'asset'
  return kindOfTarget(request.target)
}

function kindOfTarget(target: string): RequestKind {
  return isPageTarget(target) ? 'page_view' : 'asset'
}

/** Extensions of what servers render or serve as HTML. */
const pageExtensions: ReadonlySet<string> = new Set([
  ...['html', 'htm', 'xhtml', 'shtml', 'phtml', 'php', 'php3', 'php4', 'php5'],
  ...['asp', 'aspx', 'jsp', 'jspx', 'jsf', 'do', 'action', 'cfm', 'cgi'],
])

/** Last segments without another extension than a page's that only programs ask for. */
const machineNames: ReadonlySet<string> = new Set([
  ...['feed', 'rss', 'atom', 'rdf'],
  ...['xmlrpc.php', 'wp-cron.php', 'admin-ajax.php'],
])

/** A parameter by which weblogs choose a feed, with the value of one: `?flav=rss20`, `?feed=atom`. */
const feedQuery =
  /(?:^|&)(?:feed|flav|flavor|format|alt|output|type)=(?:feed|rdf|(?:rss|atom)[\d._-]*)(?:&|$)/i

/** Begins with a letter, so that `v1.2` and `xdotool-2.20110530` have none. */
const extension = /\.([a-z][a-z0-9]{0,15})$/

/**
 * Whether a request target is the address of a page. It is, when the last segment of its path has no
 * extension or one of a page, and it is none of these:
 *
 * - a feed, by its last segment (`/blog/feed/`, `/rss`) or by its query (`?flav=rss20`);
 * - something under `/.well-known/`, or a file whose name begins with a dot;
 * - `xmlrpc.php`, `wp-cron.php` or `admin-ajax.php`, which only programs ask for.
 *
 * An extension is what follows the last dot of the segment, if it begins with a letter and has only
 * letters and digits, at most 16. Case does not matter, and path parameters (`;jsessionid=…`) are no
 * part of the segment. A path that ends in a slash has no extension.
 */
export function isPageTarget(target: string): boolean {
  const { path, query } = splitTarget(target)
  if (path.startsWith('/.well-known/') || feedQuery.test(query)) return false
  const name = lastName(path)
  if (name.startsWith('.') || machineNames.has(name)) return false
  const found = path.endsWith('/') ? undefined : extension.exec(name)?.[1]
  return found === undefined || pageExtensions.has(found)
}

/** `/Blog/Index.html;id=1` → `index.html`, `/blog/feed/` → `feed`. */
function lastName(path: string): string {
  const trimmed = path.endsWith('/') ? path.slice(0, -1) : path
  const segment = trimmed.slice(trimmed.lastIndexOf('/') + 1)
  const parameters = segment.indexOf(';')
  return (parameters < 0 ? segment : segment.slice(0, parameters)).toLowerCase()
}

/** Path and query of a request target; of an absolute address, those after the host. */
export function splitTarget(target: string): { path: string; query: string } {
  const local = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/#.*$/s, '')
  const mark = local.indexOf('?')
  const path = mark < 0 ? local : local.slice(0, mark)
  return { path: path === '' ? '/' : path, query: mark < 0 ? '' : local.slice(mark + 1) }
}
