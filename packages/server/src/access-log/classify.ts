import type { LogEntry } from './format/entry.ts'

/** Kind of a request. `asset` covers every successful request that is not for a page. */
export type RequestKind = 'page_view' | 'asset' | 'redirect' | 'failed' | 'other_method'

/**
 * Classifies a request by the first rule that applies:
 *
 * 1. `failed`: the status is 4xx, 5xx or none, or the request was not HTTP.
 * 2. `other_method`: the method is not GET. A HEAD request displays no page, and a POST of a form is followed by a GET
 *    of the page that it leads to.
 * 3. `redirect`: the status is 3xx, except 304. The next request is for the page.
 * 4. `asset`: the status is 1xx, 204, 205 or 206 (no page, or a part of one), or the URL is not a page's; see
 *    `isPageTarget`.
 * 5. `page_view`: every other request, that is a GET of a page with a full response or with 304.
 *
 * Requests of bots are classified like any other.
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

/** File extensions that servers render or serve as HTML. */
const pageExtensions: ReadonlySet<string> = new Set([
  ...['html', 'htm', 'xhtml', 'shtml', 'phtml', 'php', 'php3', 'php4', 'php5'],
  ...['asp', 'aspx', 'jsp', 'jspx', 'jsf', 'do', 'action', 'cfm', 'cgi'],
])

/** Last path segments that look like pages, but that only programs request. */
const machineNames: ReadonlySet<string> = new Set([
  ...['feed', 'rss', 'atom', 'rdf'],
  ...['xmlrpc.php', 'wp-cron.php', 'admin-ajax.php'],
])

/** Query parameters with which blogs select a feed: `?flav=rss20`, `?feed=atom`. `flavour` is spelled as by Blosxom. */
const feedQuery =
  /(?:^|&)(?:feed|flav|flavour|format|alt|output|type)=(?:feed|rdf|(?:rss|atom)[\d._-]*)(?:&|$)/i

/** An extension starts with a letter, so that `v1.2` and `xdotool-2.20110530` have none. */
const extension = /\.([a-z][a-z0-9]{0,15})$/

/**
 * Returns whether a request target is the URL of a page: the last segment of its path has no extension or one of a
 * page, and the target is none of these:
 *
 * - a feed, by its last segment (`/blog/feed/`, `/rss`) or by its query (`?flav=rss20`);
 * - a resource under `/.well-known/`, or a file whose name starts with a dot;
 * - `xmlrpc.php`, `wp-cron.php` or `admin-ajax.php`, which only programs request.
 *
 * The extension is the part after the last dot of the segment, if it starts with a letter and consists of at most 16
 * letters and digits. Case does not matter. Path parameters (`;jsessionid=…`) are ignored. A path that ends in a slash
 * has no extension.
 */
export function isPageTarget(target: string): boolean {
  const { path, query } = splitTarget(target)
  if (path.startsWith('/.well-known/') || feedQuery.test(query)) return false
  const name = lastSegmentOf(path)
  if (name.startsWith('.') || machineNames.has(name)) return false
  const fileExtension = path.endsWith('/') ? undefined : extension.exec(name)?.[1]
  return fileExtension === undefined || pageExtensions.has(fileExtension)
}

/** Returns the last path segment in lower case: `/Blog/Index.html;id=1` → `index.html`, `/blog/feed/` → `feed`. */
function lastSegmentOf(path: string): string {
  const trimmed = path.endsWith('/') ? path.slice(0, -1) : path
  const segment = trimmed.slice(trimmed.lastIndexOf('/') + 1)
  const parametersIndex = segment.indexOf(';')
  return (parametersIndex < 0 ? segment : segment.slice(0, parametersIndex)).toLowerCase()
}

/** Splits a request target into path and query, without scheme, host and fragment. */
export function splitTarget(target: string): { path: string; query: string } {
  const local = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/#.*$/s, '')
  const queryIndex = local.indexOf('?')
  const path = queryIndex < 0 ? local : local.slice(0, queryIndex)
  return {
    path: path === '' ? '/' : path,
    query: queryIndex < 0 ? '' : local.slice(queryIndex + 1),
  }
}
