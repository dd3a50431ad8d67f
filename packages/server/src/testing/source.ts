import {
  type ChannelName,
  type Channels,
  type WindowMinutes,
  toSelection,
} from '@tidemark/protocol'
import type { LiveSource } from '../live/source.ts'
import type { Stream } from '../live/stream.ts'

/** A source whose channels are what a test says they are. */
export interface ScriptedSource extends LiveSource {
  /** Gives a channel a value, at once; a windowed one may have one for each window. */
  set<Name extends ChannelName>(
    channel: Name,
    value: Channels[Name] | ((minutes: WindowMinutes) => Channels[Name]),
  ): void
  /** Called when time passes, before anything is read. */
  onAdvance: (now: number) => void
  /** Whether time passing changes nothing. @default true */
  atRest: boolean
}

/** @param channels the ones there are, with what they begin with */
export function createScriptedSource(channels: Partial<Channels>): ScriptedSource {
  const values = new Map<string, unknown>(Object.entries(channels))
  const source: ScriptedSource = {
    onAdvance: () => undefined,
    atRest: true,
    advance: now => source.onAdvance(now),
    isAtRest: () => source.atRest,
    channels: Object.keys(channels) as ChannelName[],
    read(channel, minutes) {
      const value = values.get(channel)
      return typeof value === 'function' ? (value as (minutes: number) => unknown)(minutes) : value
    },
    set: (channel, value) => void values.set(channel, value),
  }
  return source
}

/** Somebody polls all there is, so that frames are made of it for a while. */
export function watchAll(stream: Stream, source: LiveSource): void {
  const selection = toSelection([...source.channels])
  if (!selection) throw new Error('There is nothing to look at.')
  stream.cursorOf(selection)
}
