import { inspect } from 'node:util'
import { isObject } from '@tidemark/protocol'
import { isSiteId, siteIdFormat } from './guard/authorizer.ts'
import { type Goal, type GoalsOf, createGoals } from './ingest/goals.ts'
import {
  type WriteOptions,
  type WriteRules,
  anySender,
  createWriteRules,
} from './guard/write-rules.ts'
import { noGoals } from './ingest/site-event.ts'

/** One site with options of its own. */
export interface SiteOptions extends WriteOptions {
  id: string
  /** Goals of this site, instead of those of the server. @default the server's `goals` */
  goals?: readonly Goal[]
}

const siteOptionNames: { readonly [Name in keyof Required<SiteOptions>]: true } = {
  id: true,
  goals: true,
  writeOrigins: true,
  writeKeys: true,
}

/** The sites of a server, after validation. */
export interface SiteSettings {
  /** IDs of the sites that exist; `undefined` for any. */
  readonly ids: readonly string[] | undefined
  /** Returns the function that finds the goals of an event of a site. */
  goalsOf(site: string): GoalsOf
  /** Returns the rules for the senders of events of a site. */
  writeRulesOf(site: string): WriteRules
}

export interface SitesContext {
  /** Goals of the sites without goals of their own. @default none */
  goals?: readonly Goal[] | undefined
  /** Whether sending requires a token. @default it does not */
  requiresWriteToken?: boolean
}

/**
 * Resolves the options of sites.
 * @throws {TypeError} for invalid sites, options of a site and goals; the message names the field
 */
export function resolveSites(
  sites: readonly (string | SiteOptions)[] | undefined,
  { goals, requiresWriteToken = false }: SitesContext = {},
): SiteSettings {
  if (sites !== undefined) checkSites(sites)
  const goalsOfServer = goals ? compileGoals(goals, 'goals') : () => noGoals
  const goalsBySite = new Map<string, GoalsOf>()
  const writeRulesBySite = new Map<string, WriteRules>()
  for (const [index, site] of sites?.entries() ?? []) {
    if (typeof site === 'string') continue
    const field = `sites[${index}]`
    if (site.goals !== undefined) {
      goalsBySite.set(site.id, compileGoals(site.goals, `${field}.goals`))
    }
    writeRulesBySite.set(site.id, createWriteRules(site, field, requiresWriteToken))
  }
  return {
    ids: sites?.map(toId),
    goalsOf: site => goalsBySite.get(site) ?? goalsOfServer,
    writeRulesOf: site => writeRulesBySite.get(site) ?? anySender,
  }
}

const toId = (site: string | SiteOptions): string => (typeof site === 'string' ? site : site.id)

/** Compiles goals; the errors begin with the name of the field. */
function compileGoals(goals: readonly Goal[], field: string): GoalsOf {
  if (!Array.isArray(goals)) {
    throw new TypeError(
      `${field}: ${inspect(goals)} is not a list of goals. Use one, such as [{ name: 'Bought', event: 'purchase' }].`,
    )
  }
  try {
    return createGoals(goals)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new TypeError(`${field}: ${error.message}`, { cause: error })
  }
}

function checkSites(sites: unknown): asserts sites is readonly (string | SiteOptions)[] {
  if (!Array.isArray(sites)) {
    throw new TypeError(
      `sites: ${inspect(sites)} is not a list of site IDs. Use one, such as ['my-site'].`,
    )
  }
  if (sites.length === 0) {
    throw new TypeError(
      'sites: [] names no site, so the server would refuse every request. Name a site, or leave `sites` out to accept any.',
    )
  }
  const first = new Map<string, unknown>()
  for (const [index, site] of (sites as readonly unknown[]).entries()) {
    const id = isObject(site) ? checkSite(site, `sites[${index}]`) : site
    const field = isObject(site) ? `sites[${index}].id` : `sites[${index}]`
    checkId(id, field)
    const earlier = first.get(id)
    if (earlier !== undefined && (isObject(site) || isObject(earlier))) {
      throw new TypeError(`${field}: ${inspect(id)} is listed twice. Remove one of the two.`)
    }
    first.set(id, site)
  }
}

function checkId(id: unknown, field: string): asserts id is string {
  if (typeof id === 'string' && isSiteId(id)) return
  throw new TypeError(
    `${field}: ${inspect(id)} is not a site ID. Use ${siteIdFormat}; for example 'my-site'.`,
  )
}

/** Checks the options of a site, and returns its ID, still unchecked. */
function checkSite(site: Record<string, unknown>, field: string): unknown {
  const unknown = Object.keys(site).find(name => !Object.hasOwn(siteOptionNames, name))
  if (unknown !== undefined) {
    const known = Object.keys(siteOptionNames).join(', ')
    throw new TypeError(`${field}.${unknown}: unknown option. Known are ${known}.`)
  }
  return site['id']
}
