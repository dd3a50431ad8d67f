import { type ErrorCode, limits } from '@tidemark/protocol'

/** What a request wants to do with a site: send events, or read numbers. */
export type Scope = 'write' | 'read'

/** Says whether a request may do something with a site. */
export type Authorize = (request: Request, site: string, scope: Scope) => boolean | Promise<boolean>

export interface GuardOptions {
  /** The sites there are; `undefined` for any. */
  sites: ReadonlySet<string> | undefined
  authorize: Authorize | undefined
}

/** Asked by every route before anything else, and before an upgrade: `undefined` lets the request in. */
export type Admit = (request: Request, site: string, scope: Scope) => Promise<ErrorCode | undefined>

export function createAdmit({ sites, authorize }: GuardOptions): Admit {
  return async (request, site, scope) => {
    if (!isSiteId(site) || (sites && !sites.has(site))) return 'site_unknown'
    if (authorize && !(await authorize(request, site, scope))) return 'refused'
    return undefined
  }
}

/** Letters, digits and `. _ -`, at most 64: safe in an address, a file name and a log line. */
export function isSiteId(text: string): boolean {
  return text.length <= limits.maxSiteIdLength && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text)
}
