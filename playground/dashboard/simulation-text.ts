import type { Switches } from '../server/switches.ts'
import { formatCount, formatMany } from './format.ts'

/** Describes the state of the simulation switch. Shoppers count as active for a while after it is turned off. */
export function simulationText(simulation: Switches['simulation'], shoppers: number): string {
  if (simulation === 'on') return `${formatMany(shoppers, 'simulated visitor')} on the site.`
  return shoppers > 0
    ? `No new ones; ${formatCount(shoppers)} still active.`
    : 'No simulated visitors. The history may include some.'
}
