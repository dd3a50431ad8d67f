import { type ChannelName, channelNames, parseProperty, windowMinutes } from '@tidemark/protocol'
import type { SelectFigures } from '../guard/authorization.ts'
import { describeAccess } from '../guard/figures.ts'
import { allowsAnything } from '../guard/read-scope.ts'
import { readSelection } from '../live/selection.ts'

/** Reads the live channels that a URL asks for. Without channels, these are the allowed ones. */
export function selectLive(url: string): SelectFigures {
  const query = new URL(url).searchParams
  const names = query.getAll('channels').flatMap(list => list.split(','))
  const request = {
    channels: query.has('channels') ? names : undefined,
    minutes: toWindowMinutes(query.get('minutes')),
    paths: query.getAll('path'),
    properties: query.getAll('property').map(parseProperty),
  }
  return access => readSelection(channelNames, request, access)
}

/** Accepts a number only as this program writes it, so that each selection has one URL in caches. */
function toWindowMinutes(text: string | null): number | undefined {
  if (text === null) return undefined
  return windowMinutes.find(minutes => String(minutes) === text) ?? NaN
}

/** Reads the history that a URL asks for, unchecked. */
export function selectHistory(url: string): SelectFigures {
  const query = new URL(url).searchParams
  const figures = {
    kind: 'history',
    by: query.get('by') ?? undefined,
    rows: query.getAll('row'),
  } as const
  return () => ({ figures })
}

/** Selects the number of active visitors. Ignores the URL. */
export const selectActiveUsers: SelectFigures = selectChannels('currentVisitors')

/** Selects the figures in messages about the current minute. Ignores the URL. */
export const selectUpdates: SelectFigures = selectChannels(
  'currentVisitors',
  'events',
  'minuteSeries',
)

/** Selects the history of events by name. Ignores the URL. */
export const selectEventCounts: SelectFigures = () => ({
  figures: { kind: 'history', by: 'name', rows: [] },
})

function selectChannels(...channels: ChannelName[]): SelectFigures {
  const request = { channels, minutes: undefined, paths: [], properties: [] }
  return access => readSelection(channelNames, request, access)
}

/** Selects figures that belong to no channel. */
export const selectOtherFigures: SelectFigures = access =>
  access.hasOtherFigures
    ? { figures: undefined }
    : {
        code: 'selection_forbidden',
        detail: `The limits and warnings of a site may not be read. ${describeAccess(access)}`,
      }

/** Selects nothing yet, for a connection that selects later. Refuses a reader that may read nothing. */
export const selectLater: SelectFigures = access =>
  allowsAnything(access)
    ? { figures: undefined }
    : { code: 'selection_forbidden', detail: describeAccess(access) }
