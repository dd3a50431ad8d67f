import {
  type ChannelName,
  type Selection,
  defaultMinutes,
  toSelection,
  windowMinutes,
} from '@tidemark/protocol'

/** What a reader asked for, or one sentence that says why it cannot be had. */
export type SelectionResult = { selection: Selection } | { detail: string }

/**
 * The selection that a reader asks for.
 * @param names a list of channels; `undefined` for all that are served
 */
export function readSelection(
  served: readonly ChannelName[],
  names: unknown,
  minutes: unknown,
): SelectionResult {
  const wanted: unknown = names ?? served
  if (!Array.isArray(wanted)) return { detail: '`channels` takes a list of names.' }
  const missing: unknown = wanted.find(name => !served.some(channel => channel === name))
  if (missing !== undefined) {
    return {
      detail: `There is no channel ${JSON.stringify(missing)} here; there are ${served.join(', ')}.`,
    }
  }
  if (wanted.length === 0) return { detail: '`channels` takes at least one name.' }
  const selection = toSelection(wanted, minutes ?? defaultMinutes)
  return selection
    ? { selection }
    : { detail: `\`minutes\` takes one of the numbers ${windowMinutes.join(', ')}.` }
}
