import {
  type ChannelName,
  type Selection,
  defaultMinutes,
  limits,
  toPaths,
  toProperties,
  toSelection,
  windowMinutes,
} from '@tidemark/protocol'
import type { Refusal } from '../guard/authorization.ts'
import { isSiteChannel } from './source.ts'

/** A selection, or the reason of a refusal. */
export type SelectionResult = { figures: { kind: 'live' } & Selection } | Refusal

/** A selection as a reader requests it. */
export interface SelectionRequest {
  /** List of channels. @default all served channels; those of paths and properties only with some */
  channels: unknown
  minutes: unknown
  /** List of paths. @default none */
  paths: unknown
  /** List of properties. @default none */
  properties: unknown
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
  { channels, minutes, paths = [], properties = [] }: SelectionRequest,
  access: ChannelAccess,
): SelectionResult {
  const pages = Array.isArray(paths) ? toPaths(paths) : undefined
  if (!pages) {
    return invalid(
      'Each path must start with a slash. A selection has at most ' +
        `${limits.maxPaths} paths of together ${limits.maxPathsLength} characters.`,
    )
  }
  const selected = Array.isArray(properties) ? toProperties(properties) : undefined
  if (!selected) return invalid(invalidProperties)
  const onDemand = {
    pageVisitors: { hasRows: pages.length > 0, row: 'path' },
    properties: { hasRows: selected.length > 0, row: 'property' },
  }
  const isDefault = (name: ChannelName): boolean =>
    isSiteChannel(name) ? access.allowsChannel(name) : onDemand[name].hasRows
  const requested: unknown = channels ?? served.filter(isDefault)
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
  for (const [name, { hasRows, row }] of Object.entries(onDemand)) {
    if (requested.includes(name) === hasRows) continue
    return invalid(`The channel "${name}" needs a ${row}, and a ${row} needs this channel.`)
  }
  const selection = toSelection(requested, minutes ?? defaultMinutes, pages, selected)
  return selection
    ? { figures: { kind: 'live', ...selection } }
    : invalid(`\`minutes\` must be one of ${windowMinutes.join(', ')}.`)
}

/** Detail of the refusal of properties that find no slot. */
export const noRoomForProperties =
  'Readers of this site read as many properties as the server can count for them. Try again in a minute.'

const invalidProperties =
  'Each property must have the name of an event and of a property, as in `purchase.plan`, with a backslash before ' +
  'dots and backslashes in the name of the event. A selection has at most ' +
  `${limits.maxSelectedProperties} properties of together ${limits.maxPropertiesLength} characters.`

/** Refuses a reader without channels that names no page and no property. */
function nothingAllowed({ allowsChannel }: ChannelAccess): Refusal {
  const ways = [
    ...(allowsChannel('pageVisitors') ? ['the visitors of pages. Name a page with `path`'] : []),
    ...(allowsChannel('properties') ? ['properties. Name one with `property`'] : []),
  ]
  const detail =
    ways.length > 0
      ? `This reader may read only ${ways.join('; or ')}.`
      : 'This reader may read nothing of this site.'
  return { code: 'selection_forbidden', detail }
}

function invalid(detail: string): Refusal {
  return { code: 'selection_invalid', detail }
}
