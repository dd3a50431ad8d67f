import { eventNames, isPresenceOnly, limits } from '@tidemark/protocol'
import { createPathMatcher, toPathPattern } from './path-pattern.ts'
import { memoizeTexts } from './memoize-texts.ts'
import { toCleanText } from './text.ts'

/** Something that a site wants its visitors to do. It has either an event or a path. */
export interface Goal {
  /** What it is shown as. No two goals of a site have the same. */
  name: string
  /** It is reached by every event of this name. */
  event?: string
  /**
   * It is reached by every page view of such a path. `*` stands for any characters but a slash, and `**`
   * for any: `/blog/*` is each page of the blog, and `/blog/**` also what is below one.
   */
  path?: string
}

/** The goals that an event reaches, by their names, in the order in which they were defined. */
export type GoalsOf = (event: string, path: string | undefined) => readonly string[]

export const maxGoals = 100

/** Characters of the paths whose goals are remembered, as senders make up paths. */
const maxKnownCharacters = 1_000_000

/** A goal that is ready to be asked whether an event reaches it. */
interface Target {
  readonly name: string
  readonly event: string
  isReachedOn(path: string | undefined): boolean
}

/** @throws {TypeError} for goals that cannot be, in a sentence that names the goal */
export function createGoals(goals: readonly Goal[]): GoalsOf {
  if (goals.length > maxGoals) {
    throw new TypeError(`There are ${goals.length} goals, and may be ${maxGoals}.`)
  }
  const targets = goals.map(toTarget)
  checkNames(targets)
  const byEvent = new Map(
    [...Map.groupBy(targets, ({ event }) => event)].map(([event, group]) => [
      event,
      event === eventNames.pageView ? createPageGoals(group) : always(group.map(toName)),
    ]),
  )
  const none = always([])
  return (event, path) => (byEvent.get(event) ?? none)(path)
}

type NamesOn = (path: string | undefined) => readonly string[]

const toName = ({ name }: Target): string => name

function always(names: readonly string[]): NamesOn {
  return () => names
}

function createPageGoals(targets: readonly Target[]): NamesOn {
  const namesOn = memoizeTexts(
    path => targets.filter(target => target.isReachedOn(path)).map(toName),
    maxKnownCharacters,
  )
  const withoutPath = targets.filter(target => target.isReachedOn(undefined)).map(toName)
  return path => (path === undefined ? withoutPath : namesOn(path))
}

function toTarget({ name, event, path }: Goal, index: number): Target {
  if (name.trim() === '') {
    throw new TypeError(
      `Goal ${index + 1} has no name. Give it one of 1 to ${limits.maxNameLength} characters.`,
    )
  }
  const fail = (complaint: string): never => {
    throw new TypeError(`The goal ${JSON.stringify(name)} ${complaint}`)
  }
  if (name.length > limits.maxNameLength) {
    fail(`has a name of more than ${limits.maxNameLength} characters.`)
  }
  if (event !== undefined && path !== undefined) {
    fail('has both event and path. Make two goals of it.')
  }
  const shown = toCleanText(name)
  if (event !== undefined) {
    checkEvent(event, fail)
    return { name: shown, event: toCleanText(event), isReachedOn: () => true }
  }
  if (path === undefined) return fail('has neither event nor path. Say which of them reaches it.')
  const isMatch = toMatcher(path, fail)
  return {
    name: shown,
    event: eventNames.pageView,
    isReachedOn: on => on !== undefined && isMatch(on),
  }
}

function checkEvent(event: string, fail: (complaint: string) => never): void {
  if (event === '') fail('has an event without a name.')
  if (event.length > limits.maxNameLength) {
    fail(`has an event whose name has more than ${limits.maxNameLength} characters.`)
  }
  if (isPresenceOnly(event)) {
    fail(`has the event ${JSON.stringify(event)}, which is not counted.`)
  }
}

function toMatcher(path: string, fail: (complaint: string) => never): (path: string) => boolean {
  try {
    return createPathMatcher(toPathPattern(path))
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return fail(`has the path ${JSON.stringify(path)}, which ${error.message}.`)
  }
}

function checkNames(targets: readonly Target[]): void {
  for (const [name, group] of Map.groupBy(targets, toName)) {
    if (group.length > 1) {
      throw new TypeError(
        `There are two goals ${JSON.stringify(name)}. Give one of them another name.`,
      )
    }
  }
}
