import { eventNames } from '@tidemark/protocol'
import {
  type Dimension,
  type DimensionSpec,
  type FirstTier,
  dimensionSpecs,
  dimensions,
  firstTierOf,
} from '../bucket/dimensions.ts'

/** A dimension with its position in `dimensions`. */
export interface PlannedDimension extends Pick<DimensionSpec, 'namesIn'> {
  readonly position: number
}

/** Dimensions by which an event counts together with its group, in its bucket of each tier. */
export type CountPlan = Readonly<Record<FirstTier, readonly PlannedDimension[]>>

function createPlan(
  isCounted: (counts: DimensionSpec['counts'], dimension: Dimension) => boolean,
): CountPlan {
  const planned = dimensions.flatMap((dimension, position) => {
    const { counts, namesIn, isPerEvent } = dimensionSpecs[dimension]
    if (isPerEvent || !isCounted(counts, dimension)) return []
    return [{ tier: firstTierOf(dimension), namesIn, position }]
  })
  const startIn = (tier: FirstTier): PlannedDimension[] =>
    planned.filter(each => each.tier === tier)
  return { minute: startIn('minute'), hour: startIn('hour') }
}

/** @param name name of the event; none of `eventNames` for all other events */
function createPersonPlan(name: string): CountPlan {
  const isView = name === eventNames.pageView
  return createPlan(counts => {
    if (typeof counts === 'object') return counts.event === name
    return counts === 'events' || (counts === 'views' && isView)
  })
}

const plans: ReadonlyMap<string, CountPlan> = new Map(
  Object.values(eventNames).map(name => [name, createPersonPlan(name)]),
)
const otherPlan = createPersonPlan('')

/** Dimensions of an event of a bot. */
export const botPlan: CountPlan = createPlan(counts => counts === 'bots')

/** Dimensions of a page view on a host that the site does not list: none but the host. */
export const otherHostPlan: CountPlan = createPlan((_, dimension) => dimension === 'hostName')

/** Returns the dimensions of an event of a person. */
export function planOf(eventName: string): CountPlan {
  return plans.get(eventName) ?? otherPlan
}
