import {
  type ChannelName,
  type Selection,
  defaultMinutes,
  toSelection,
  windowMinutes,
} from '@tidemark/protocol'

/** A selection, or one sentence about the mistake in the request. */
export type SelectionResult = { selection: Selection } | { detail: string }

/**
 * Checks the selection that a reader requests.
 * @param names list of channels; `undefined` for all served channels
 */
export function readSelection(
  served: readonly ChannelName[],
  names: unknown,
  minutes: unknown,
): SelectionResult {
  const requested: unknown = names ?? served
  if (!Array.isArray(requested)) return { detail: '`channels` must be a list of names.' }
  const unknown: unknown = requested.find(name => !served.some(channel => channel === name))
  if (unknown !== undefined) {
    return {
      detail: `The channel ${JSON.stringify(unknown)} does not exist. Known are ${served.join(', ')}.`,
    }
  }
  if (requested.length === 0) return { detail: '`channels` must have at least one name.' }
  const selection = toSelection(requested, minutes ?? defaultMinutes)
  return selection
    ? { selection }
    : { detail: `\`minutes\` must be one of ${windowMinutes.join(', ')}.` }
}
