import {
  type ChannelName,
  type Snapshot,
  channelNames,
  channels,
  isObject,
  parseCursor,
} from '@tidemark/protocol'
import { isListOf, isNumber } from '../request/type-guards.ts'

/**
 * Reports whether a response is a snapshot: each channel has the right type, and the requested channels
 * are present.
 */
export function isSnapshot(
  response: unknown,
  requested: readonly ChannelName[] = [],
): response is Snapshot {
  if (!isObject(response)) return false
  const { cursor, at, windowMinutes } = response
  return (
    typeof cursor === 'string' &&
    parseCursor(cursor) !== undefined &&
    isNumber(at) &&
    isNumber(windowMinutes) &&
    channelNames.every(name => {
      const value = response[name]
      if (value === undefined) return !requested.includes(name)
      return channels[name].kind === 'value' ? isNumber(value) : isListOf(value, isObject)
    })
  )
}
