import { eventNames, isPresenceOnly, limits } from '@tidemark/protocol'
import { createPathMatcher, toPathPattern } from '../shared/path-pattern.ts'
import { type PageRules, defaultPageRules } from './page-rules.ts'
import { memoizeTexts } from './memoize-texts.ts'
import { toCleanText } from './text.ts'

/** A conversion that a site counts. It has either an event or a path. */
export type Goal = {
  /** Displayed name, unique within a site. */
  name: string
} & (
  | {
      /** Name of the events that reach the goal. */
      event: string
      path?: never
    }
  | {
      /**
       * Pattern of paths, which starts with `/` or `**`. A page view of a matching path reaches the goal. `*` matches
       * any characters except a slash, and `**` matches any characters: `/blog/*` matches the direct subpages of the
       * blog, and `/blog/**` the blog and all levels below it.
       */
      path: `/${string}` | `**${string}`
      event?: never
    }
)

/** Returns the names of the goals that an event reaches, in the order of their definition. */
export type GoalsOf = (event: string, path: string | undefined) => readonly string[]

export const maxGoals = 100

/** Characters of paths in the cache. It is bounded because senders choose the paths. */
const maxCachedCharacters = 1_000_000

/** A validated goal. */
interface CompiledGoal {
  readonly name: string
  readonly event: string
  isReachedOn(path: string | undefined): boolean
}

/**
 * @param pages rules of the site for its pages, which also apply to the paths of goals. @default none
 * @throws {TypeError} for an invalid goal; the message names the goal and the remedy
 */
export function createGoals(goals: readonly Goal[], pages: PageRules = defaultPageRules): GoalsOf {
  if (goals.length > maxGoals) {
    throw new TypeError(
      `${goals.length} goals are more than the limit of ${maxGoals}; remove some.`,
    )
  }
  const compiled = goals.map((goal, index) => compileGoal(goal, index, pages))
  checkNames(compiled)
  const byEvent = new Map(
    [...Map.groupBy(compiled, ({ event }) => event)].map(([event, group]) => [
      event,
      event === eventNames.pageView ? createPageGoals(group) : always(group.map(toName)),
    ]),
  )
  const none = always([])
  return (event, path) => (byEvent.get(event) ?? none)(path)
}

type NamesOnPath = (path: string | undefined) => readonly string[]

const toName = ({ name }: CompiledGoal): string => name

function always(names: readonly string[]): NamesOnPath {
  return () => names
}

function createPageGoals(compiled: readonly CompiledGoal[]): NamesOnPath {
  const namesOn = memoizeTexts(
    path => compiled.filter(goal => goal.isReachedOn(path)).map(toName),
    maxCachedCharacters,
  )
  const withoutPath = compiled.filter(goal => goal.isReachedOn(undefined)).map(toName)
  return path => (path === undefined ? withoutPath : namesOn(path))
}

function compileGoal({ name, event, path }: Goal, index: number, pages: PageRules): CompiledGoal {
  if (name.trim() === '') {
    throw new TypeError(
      `Goal ${index + 1} has no name. Give it a name of 1 to ${limits.maxNameLength} characters.`,
    )
  }
  const fail = (problem: string): never => {
    throw new TypeError(`The goal ${JSON.stringify(name)} ${problem}`)
  }
  if (name.length > limits.maxNameLength) {
    fail(`has a name of ${name.length} characters. Use at most ${limits.maxNameLength}.`)
  }
  if (event !== undefined && path !== undefined) {
    fail('has both event and path. Define two goals instead.')
  }
  const shown = toCleanText(name)
  if (event !== undefined) {
    checkEvent(event, fail)
    return { name: shown, event: toCleanText(event), isReachedOn: () => true }
  }
  if (path === undefined) return fail('has neither event nor path. Add one of them.')
  const isMatch = toMatcher(path, pages, fail)
  return {
    name: shown,
    event: eventNames.pageView,
    isReachedOn: visited => visited !== undefined && isMatch(visited),
  }
}

function checkEvent(event: string, fail: (problem: string) => never): void {
  if (event === '') fail('has an empty event. Give the name of an event.')
  if (event.length > limits.maxNameLength) {
    fail(`has an event name of ${event.length} characters. Use at most ${limits.maxNameLength}.`)
  }
  if (isPresenceOnly(event)) {
    fail(`has the event ${JSON.stringify(event)}, which is not counted. Use another event.`)
  }
}

function toMatcher(
  path: string,
  pages: PageRules,
  fail: (problem: string) => never,
): (path: string) => boolean {
  try {
    const pattern = toPathPattern(path, pages)
    const isMatch = createPathMatcher(pattern)
    // A goal without parameters is reached with any of them.
    const isGoal: typeof isMatch =
      pages.query.length === 0 || pattern.includes('?')
        ? isMatch
        : visited => isMatch(visited.replace(/\?[^#]*/, ''))
    if (pages.rewrite('/a/') === '/a/') return isGoal
    // `/docs/**` also matches `/docs/`, which counts as `/docs`.
    return visited => isGoal(visited) || isGoal(`${visited}/`)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return fail(`has the path ${JSON.stringify(path)}, which ${error.message}.`)
  }
}

function checkNames(compiled: readonly CompiledGoal[]): void {
  for (const [name, group] of Map.groupBy(compiled, toName)) {
    if (group.length > 1) {
      throw new TypeError(`Two goals have the name ${JSON.stringify(name)}. Rename one of them.`)
    }
  }
}
