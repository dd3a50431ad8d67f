import {
  type ChannelName,
  type Channels,
  type EventProperty,
  type PropertyValueRow,
  type WindowMinutes,
  formatProperty,
  toSelection,
} from '@tidemark/protocol'
import type { LiveSource, PageSource, PropertySource, SiteChannel } from '../live/source.ts'
import type { Stream } from '../live/stream.ts'

/** A source with values that a test sets. */
export interface ScriptedSource extends LiveSource {
  /** Sets the value of a channel; a windowed channel may have one for each window. */
  set<Name extends ChannelName>(
    channel: Name,
    value: Channels[Name] | ((minutes: WindowMinutes) => Channels[Name]),
  ): void
  /** Sets the number of visitors of a page. */
  setVisitors(path: string, visitors: number): void
  /** Sets the rows of a property. */
  setProperty(property: EventProperty, rows: PropertyValueRow[]): void
  /** Called when the time advances, before values are read. */
  onAdvance: (now: number) => void
  /** Whether the state does not change with time. @default true */
  idle: boolean
}

/** @param channels all channels with their first values */
export function createScriptedSource(channels: Partial<Channels>): ScriptedSource {
  const values = new Map<string, unknown>(Object.entries(channels))
  const source: ScriptedSource = {
    ...createScriptedPages(),
    ...createScriptedProperties(),
    onAdvance: () => undefined,
    idle: true,
    advance: now => source.onAdvance(now),
    isIdle: () => source.idle,
    channels: Object.keys(channels) as SiteChannel[],
    read(channel, minutes) {
      const value = values.get(channel)
      return typeof value === 'function' ? (value as (minutes: number) => unknown)(minutes) : value
    },
    set: (channel, value) => void values.set(channel, value),
  }
  return source
}

/** Creates pages with visitors that a test sets. */
export function createScriptedPages(): PageSource & Pick<ScriptedSource, 'setVisitors'> {
  const visitorsByPath = new Map<string, number>()
  const visitorsOf = (path: string): number => visitorsByPath.get(path) ?? 0
  let notify: (path: string, visitors: number) => void = () => {}
  return {
    countedPathOf: path => path.replace(/(?!^)\/$/, ''),
    visitorsOf,
    observePages(listener) {
      notify = listener
    },
    setVisitors(path, visitors) {
      notify(path, visitorsOf(path))
      visitorsByPath.set(path, visitors)
    },
  }
}

/** Creates properties with rows that a test sets. At most three are counted at the same time. */
export function createScriptedProperties(): Pick<ScriptedSource, 'properties' | 'setProperty'> {
  const rows = new Map<string, { version: number; rows: PropertyValueRow[] }>()
  const holders = new Map<string, number>()
  const holdersOf = (property: EventProperty): number => holders.get(formatProperty(property)) ?? 0
  const properties: PropertySource = {
    hasRoomFor: all => holders.size + all.filter(each => holdersOf(each) === 0).length <= 3,
    retain(all) {
      for (const each of all) holders.set(formatProperty(each), holdersOf(each) + 1)
    },
    load: () => undefined,
    loadNow: () => {},
    release(property) {
      const left = holdersOf(property) - 1
      if (left > 0) holders.set(formatProperty(property), left)
      else holders.delete(formatProperty(property))
    },
    versionOf: property => rows.get(formatProperty(property))?.version ?? 0,
    rowsOf: property => rows.get(formatProperty(property))?.rows ?? [],
    endsAt: () => Number.MAX_SAFE_INTEGER,
  }
  return {
    properties,
    setProperty(property, next) {
      const version = properties.versionOf(property) + 1
      rows.set(formatProperty(property), { version, rows: next })
    },
  }
}

/** Polls all channels, so that frames contain them for a minute. */
export function watchAll(stream: Stream, source: LiveSource): void {
  const selection = toSelection([...source.channels])
  if (!selection) throw new Error('The source has no channels.')
  stream.cursorOf(selection)
}
