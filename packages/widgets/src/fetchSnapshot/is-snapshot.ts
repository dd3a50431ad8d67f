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
 * Reports whether an answer is a snapshot: each channel has the right type, and the requested channels
 * are present.
 */
export function isSnapshot(
  answer: unknown,
  requested: readonly ChannelName[] = [],
): answer is Snapshot {
  if (!isObject(answer)) return false
  const { cursor, at, windowMinutes } = answer
  return (
    typeof cursor === 'string' &&
    parseCursor(cursor) !== undefined &&
    isNumber(at) &&
    isNumber(windowMinutes) &&
    channelNames.every(name => {
      const value = answer[name]
      if (value === undefined) return !requested.includes(name)
      return channels[name].kind === 'value' ? isNumber(value) : isListOf(value, isObject)
    })
  )
}
