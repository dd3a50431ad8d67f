import {
  type ChannelName,
  type Selection,
  defaultMinutes,
  limits,
  toPaths,
  toSelection,
  windowMinutes,
} from '@tidemark/protocol'
import { isSiteChannel } from './source.ts'

/** A selection, or one sentence about the mistake in the request. */
export type SelectionResult = { selection: Selection } | { detail: string }

/** A selection as a reader requests it. */
export interface SelectionRequest {
  /** List of channels. @default all served channels; `pageVisitors` only with paths */
  channels: unknown
  minutes: unknown
  /** List of paths. @default none */
  paths: unknown
}

/** Checks the selection that a reader requests. */
export function readSelection(
  served: readonly ChannelName[],
  { channels, minutes, paths = [] }: SelectionRequest,
): SelectionResult {
  const pages = Array.isArray(paths) ? toPaths(paths) : undefined
  if (!pages) {
    return {
      detail:
        'Each path must start with a slash. A selection has at most ' +
        `${limits.maxPaths} paths of together ${limits.maxPathsLength} characters.`,
    }
  }
  const requested: unknown = channels ?? (pages.length > 0 ? served : served.filter(isSiteChannel))
  if (!Array.isArray(requested)) return { detail: '`channels` must be a list of names.' }
  const unknown: unknown = requested.find(name => !served.some(channel => channel === name))
  if (unknown !== undefined) {
    return {
      detail: `The channel ${JSON.stringify(unknown)} does not exist. Known are ${served.join(', ')}.`,
    }
  }
  if (requested.length === 0) return { detail: '`channels` must have at least one name.' }
  if (requested.includes('pageVisitors') !== pages.length > 0) {
    return { detail: 'The channel "pageVisitors" needs a path, and a path needs this channel.' }
  }
  const selection = toSelection(requested, minutes ?? defaultMinutes, pages)
  return selection
    ? { selection }
    : { detail: `\`minutes\` must be one of ${windowMinutes.join(', ')}.` }
}
