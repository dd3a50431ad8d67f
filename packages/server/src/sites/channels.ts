import { type Channels, type WindowMinutes, channelNames } from '@tidemark/protocol'
import { type LiveSource, type SiteChannel, isSiteChannel } from '../live/source.ts'
import type { SiteState } from '../rollup/site.ts'
import { createPropertySource } from './property-source.ts'

type ChannelReaders = {
  readonly [Name in SiteChannel]: (
    state: SiteState,
    minutes: WindowMinutes,
  ) => Readonly<Channels[Name]>
}

/**
 * Reads the current value of each channel from a site's state. A reader returns the same object as long as the value
 * has not changed. Every channel of the protocol needs its reader here; see "How to add" in ARCHITECTURE.md.
 */
const channelReaders: ChannelReaders = {
  currentVisitors: state => state.currentVisitors(),
  activePages: state => state.activePages(),
  pageViews: (state, minutes) => state.pageViews(minutes),
  recentEvents: state => state.recentEvents(),
  referrers: state => state.referrers(),
  countries: state => state.countries(),
  devices: state => state.devices(),
  events: (state, minutes) => state.events(minutes),
  goals: (state, minutes) => state.goals(minutes),
  secondSeries: state => state.secondSeries(),
  minuteSeries: state => state.minuteSeries(),
  values: state => state.values(),
}

/**
 * Returns the live source of a site: its state as channels.
 * @param countedPathOf returns the path by which the page of a path counts. @default the path itself
 */
export function toLiveSource(
  state: SiteState,
  countedPathOf: (path: string) => string = path => path,
): LiveSource {
  return {
    advance: state.advance,
    isIdle: state.isIdle,
    channels: channelNames.filter(isSiteChannel),
    read: (channel, minutes) => channelReaders[channel](state, minutes),
    countedPathOf,
    visitorsOf: state.visitorsOf,
    observePages: state.observePages,
    properties: createPropertySource(state.propertiesToday),
  }
}
