import {
  type ChannelName,
  type Selection,
  defaultMinutes,
  limits,
  toPaths,
  toSelection,
  windowMinutes,
} from '@tidemark/protocol'
import type { Refusal } from '../guard/authorization.ts'
import { isSiteChannel } from './source.ts'

/** A selection, or the reason of a refusal. */
export type SelectionResult = { figures: { kind: 'live' } & Selection } | Refusal

/** A selection as a reader requests it. */
export interface SelectionRequest {
  /** List of channels. @default all served channels; `pageVisitors` only with paths */
  channels: unknown
  minutes: unknown
  /** List of paths. @default none */
  paths: unknown
}

/** The channels that a reader may read. */
interface ChannelAccess {
  allowsChannel(channel: ChannelName): boolean
}

/**
 * Checks the selection that a reader requests. Without channels, it has those that the reader may read. A forbidden
 * channel that the reader names stays in the selection.
 */
export function readSelection(
  served: readonly ChannelName[],
  { channels, minutes, paths = [] }: SelectionRequest,
  access: ChannelAccess,
): SelectionResult {
  const pages = Array.isArray(paths) ? toPaths(paths) : undefined
  if (!pages) {
    return invalid(
      'Each path must start with a slash. A selection has at most ' +
        `${limits.maxPaths} paths of together ${limits.maxPathsLength} characters.`,
    )
  }
  const hasPages = pages.length > 0
  const requested: unknown = channels ?? listDefaults(served, hasPages, access)
  if (!Array.isArray(requested)) return invalid('`channels` must be a list of names.')
  const unknown: unknown = requested.find(name => !served.some(channel => channel === name))
  if (unknown !== undefined) {
    return invalid(
      `The channel ${JSON.stringify(unknown)} does not exist. Known are ${served.join(', ')}.`,
    )
  }
  if (requested.length === 0) {
    return channels === undefined
      ? nothingAllowed(access)
      : invalid('`channels` must have at least one name.')
  }
  if (requested.includes('pageVisitors') !== hasPages) {
    return invalid('The channel "pageVisitors" needs a path, and a path needs this channel.')
  }
  const selection = toSelection(requested, minutes ?? defaultMinutes, pages)
  return selection
    ? { figures: { kind: 'live', ...selection } }
    : invalid(`\`minutes\` must be one of ${windowMinutes.join(', ')}.`)
}

/** Returns the allowed channels; `pageVisitors` for a request with pages, also when it is forbidden. */
function listDefaults(
  served: readonly ChannelName[],
  hasPages: boolean,
  { allowsChannel }: ChannelAccess,
): ChannelName[] {
  return served.filter(name => (isSiteChannel(name) ? allowsChannel(name) : hasPages))
}

/** Refuses a reader without channels that names no page. */
function nothingAllowed({ allowsChannel }: ChannelAccess): Refusal {
  const detail = allowsChannel('pageVisitors')
    ? 'This reader may read the visitors of pages only. Name a page with `path`.'
    : 'This reader may read nothing of this site.'
  return { code: 'selection_forbidden', detail }
}

function invalid(detail: string): Refusal {
  return { code: 'selection_invalid', detail }
}
