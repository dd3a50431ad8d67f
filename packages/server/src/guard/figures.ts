import { type ChannelName, type Selection, channelNames } from '@tidemark/protocol'
import { dimensionSpecs, dimensions } from '../rollup/bucket/dimensions.ts'
import { type ReadAccess, allowsAnything } from './read-scope.ts'

/** Figures that a request asks for: live channels, or history. */
export type RequestedFigures =
  | ({ readonly kind: 'live' } & Selection)
  | {
      readonly kind: 'history'
      /** The parameter `by`, unchecked. */
      readonly by: string | undefined
      /** Names of the requested rows: the parameter `row`. Empty for the largest rows. */
      readonly rows: readonly string[]
    }

/** Parts of a history answer that a reader may read. */
export interface HistoryView {
  /** Whether the answer has totals, also in its buckets. */
  readonly hasTotals: boolean
  /** Whether the answer has no rows but the requested one. */
  readonly onlyRow: boolean
  /** Smaller counts are hidden; 0 hides none. */
  readonly minCount: number
}

/** The channel with the figures of each history dimension. Other dimensions have no channel. */
const channelOfDimension: ReadonlyMap<string, ChannelName> = new Map([
  ...dimensions.flatMap(dimension => {
    const { channel } = dimensionSpecs[dimension]
    return channel ? [[dimension, channel] as const] : []
  }),
  ['value', 'values'],
  ['property', 'properties'],
])

/** The channel with the totals of history. */
const totalsChannel: ChannelName = 'minuteSeries'

/** Returns why a reader may not read figures, as a sentence; `undefined` when it may. */
export function refusalOf(access: ReadAccess, figures: RequestedFigures): string | undefined {
  if (figures.kind === 'history') {
    const view = toHistoryView(access, figures)
    return typeof view === 'string' ? view : undefined
  }
  const channel = figures.channels.find(name => !access.allowsChannel(name))
  if (channel !== undefined) return describeForbidden(access, `The channel "${channel}"`)
  const path = figures.paths.find(each => !access.allowsPage(each))
  if (path !== undefined) return describeForbidden(access, `The page ${JSON.stringify(path)}`)
  return undefined
}

/** Returns the parts of a history answer that a reader may read, or why it may read none, as a sentence. */
export function toHistoryView(
  access: ReadAccess,
  { by, rows }: Extract<RequestedFigures, { kind: 'history' }>,
): HistoryView | string {
  const { minCount } = access
  const hasTotals = access.allowsChannel(totalsChannel)
  const channel = by === undefined ? undefined : channelOfDimension.get(by)
  const hasRows = channel ? access.allowsChannel(channel) : access.hasOtherFigures
  if (by === 'path' && !hasRows && rows.length > 0 && rows.every(access.allowsPage)) {
    return { hasTotals, onlyRow: true, minCount }
  }
  if (by !== undefined && !hasRows) {
    return describeForbidden(access, `The history by ${JSON.stringify(by)}`, channel)
  }
  if (!hasTotals) return describeForbidden(access, 'The totals of history', totalsChannel)
  return { hasTotals, onlyRow: false, minCount }
}

/** @param channel the channel that allows the subject */
function describeForbidden(access: ReadAccess, subject: string, channel?: ChannelName): string {
  const needs = channel === undefined ? '' : `, which needs the channel "${channel}"`
  return `${subject} may not be read${needs}. ${describeAccess(access)}`
}

/** Describes the rights of a reader in a sentence. */
export function describeAccess(access: ReadAccess): string {
  if (!allowsAnything(access)) return 'This reader may read nothing of this site.'
  const names = channelNames.filter(access.allowsChannel)
  return `Allowed are ${names.map(name => (name === 'pageVisitors' ? describePages(access) : name)).join(', ')}.`
}

/** Most patterns in a message. */
const maxPatterns = 5

function describePages({ pagePatterns = [] }: ReadAccess): string {
  if (pagePatterns.length === 0) return 'pages with `pageVisitors`'
  const more = pagePatterns.length > maxPatterns ? ', …' : ''
  return `pages such as ${pagePatterns.slice(0, maxPatterns).join(', ')}${more} with \`pageVisitors\``
}
