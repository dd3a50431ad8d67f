import { inspect } from 'node:util'
import { type ChannelName, channelNames } from '@tidemark/protocol'
import { createPathMatcher, toPathPattern } from '../shared/path-pattern.ts'

/**
 * Figures that a reader may read. Without fields it allows everything. With `paths` alone, it allows only the pages
 * that match. With `channels` alone, it allows only these channels; `pageVisitors` among them allows every page.
 */
export interface ReadScope {
  /** Allowed channels. */
  readonly channels?: readonly ChannelName[]
  /**
   * Patterns of the pages that the channel `pageVisitors` may name, as in goals: `*` matches any characters except a
   * slash, and `**` matches any characters. `/docs/**` also matches `/docs`.
   */
  readonly paths?: readonly string[]
}

/** Figures that anyone may read without a token. Without fields, it allows everything except `recentEvents`. */
export interface PublicRule extends ReadScope {
  /**
   * Least number of visitors of a figure. Smaller totals are shown as 0, and smaller rows are part of the row for the
   * rest. @default 0, which shows everything
   */
  readonly minCount?: number
}

/** Most patterns of a scope. */
export const maxScopePaths = 100

/** The compiled rights of a reader. */
export interface ReadAccess {
  /** Whether figures without a channel may be read, such as campaigns and limits. */
  readonly hasOtherFigures: boolean
  /** Smaller counts are hidden; 0 hides none. */
  readonly minCount: number
  /** Patterns of the pages, for messages; `undefined` for any page. @default any */
  readonly pagePatterns?: readonly string[] | undefined
  /** Returns whether the reader may read a channel; for `pageVisitors`, at least some pages. */
  allowsChannel(channel: ChannelName): boolean
  /** Returns whether the reader may read the visitors of a page. */
  allowsPage(path: string): boolean
}

/** Access to everything. */
export const fullAccess: ReadAccess = {
  hasOtherFigures: true,
  minCount: 0,
  allowsChannel: () => true,
  allowsPage: () => true,
}

/** Access to nothing. */
export const noAccess: ReadAccess = {
  hasOtherFigures: false,
  minCount: 0,
  allowsChannel: () => false,
  allowsPage: () => false,
}

/**
 * Compiles a scope.
 * @param source name of the scope in errors, such as `sites[0].public`
 * @throws {TypeError} for an unknown channel, an invalid pattern, and too many patterns
 */
export function toReadAccess(scope: ReadScope, source: string): ReadAccess {
  const channels = parseChannels(scope.channels, `${source}.channels`)
  const isPage = parsePaths(scope.paths, `${source}.paths`)
  if (!channels && !isPage) return fullAccess
  const allowsPages = channels ? channels.has('pageVisitors') || isPage !== undefined : true
  return {
    hasOtherFigures: false,
    minCount: 0,
    pagePatterns: scope.paths,
    allowsChannel: name => (name === 'pageVisitors' ? allowsPages : (channels?.has(name) ?? false)),
    allowsPage: path => allowsPages && (isPage?.(path) ?? true),
  }
}

/**
 * Compiles the rule of a site for readers without a token.
 * @throws {TypeError} for an invalid scope or `minCount`, and for `minCount` with the channel `recentEvents`
 */
export function toPublicAccess(rule: PublicRule, source: string): ReadAccess {
  const { minCount = 0 } = rule
  if (!Number.isSafeInteger(minCount) || minCount < 0) {
    throw new TypeError(
      `${source}.minCount: ${inspect(minCount)} is not a whole number from 0; for example 5.`,
    )
  }
  const problem = findFeedProblem(rule)
  if (problem !== undefined) throw new TypeError(`${source}: ${problem}`)
  const access = toReadAccess(rule, source)
  if (access !== fullAccess) return { ...access, minCount }
  return { ...access, minCount, allowsChannel: name => name !== 'recentEvents' }
}

/** Returns why a rule cannot hide small counts, as a sentence; `undefined` when it can. */
export function findFeedProblem({ channels, minCount = 0 }: PublicRule): string | undefined {
  return minCount > 1 && channels?.includes('recentEvents')
    ? "the channel 'recentEvents' shows single visitors, which `minCount` hides. Leave out one of them."
    : undefined
}

/** Returns the rights that both of two readers have. */
export function intersectAccess(a: ReadAccess, b: ReadAccess): ReadAccess {
  if (a === fullAccess) return b
  if (b === fullAccess) return a
  return {
    hasOtherFigures: a.hasOtherFigures && b.hasOtherFigures,
    minCount: Math.max(a.minCount, b.minCount),
    pagePatterns: intersectPatterns(a.pagePatterns, b.pagePatterns),
    allowsChannel: name => a.allowsChannel(name) && b.allowsChannel(name),
    allowsPage: path => a.allowsPage(path) && b.allowsPage(path),
  }
}

/** Returns the patterns of both; `undefined` where no list of patterns describes the pages. */
function intersectPatterns(
  a: readonly string[] | undefined,
  b: readonly string[] | undefined,
): readonly string[] | undefined {
  if (!a || !b) return a ?? b
  const common = a.filter(pattern => b.includes(pattern))
  return common.length === a.length || common.length === b.length ? common : undefined
}

/** Returns whether a reader may read anything at all. */
export function allowsAnything(access: ReadAccess): boolean {
  return access.hasOtherFigures || channelNames.some(access.allowsChannel)
}

function parseChannels(names: unknown, source: string): ReadonlySet<ChannelName> | undefined {
  if (names === undefined) return undefined
  const known = Array.isArray(names) ? channelNames.filter(name => names.includes(name)) : []
  const unknown: unknown = Array.isArray(names)
    ? names.find(name => !channelNames.some(channel => channel === name))
    : names
  if (!Array.isArray(names) || new Set(names).size !== known.length) {
    throw new TypeError(
      `${source}: ${inspect(unknown)} is not a channel. Known are ${channelNames.join(', ')}.`,
    )
  }
  return new Set(known)
}

function parsePaths(patterns: unknown, source: string): ((path: string) => boolean) | undefined {
  if (patterns === undefined) return undefined
  if (!Array.isArray(patterns) || patterns.length > maxScopePaths) {
    throw new TypeError(
      `${source}: ${inspect(patterns, { breakLength: Infinity })} is not a list of at most ${maxScopePaths} patterns; for example ['/products/**'].`,
    )
  }
  const matchers = patterns.map((pattern: unknown) => toMatcher(pattern, source))
  return path => matchers.some(isMatch => isMatch(path))
}

function toMatcher(pattern: unknown, source: string): (path: string) => boolean {
  try {
    if (typeof pattern !== 'string') throw new TypeError('is not a text; write a pattern')
    return createPathMatcher(toPathPattern(pattern))
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new TypeError(
      `${source}: ${inspect(pattern)} is not a pattern of pages: it ${error.message}.`,
      { cause: error },
    )
  }
}
