import type { Switches } from '../server/switches.ts'
import { formatCount, formatMany } from './format.ts'

/**
 * Describes how many of the active visitors are simulated. Returns an empty string when none is simulated
 * or the number of visitors is unknown. "At least", because shoppers of an earlier start may be unknown.
 */
export function simulatedText(simulated: number, visitors: number | undefined): string {
  if (simulated === 0 || visitors === undefined) return ''
  return simulated >= visitors
    ? 'All of these visitors are simulated.'
    : `At least ${formatCount(simulated)} of these visitors are simulated.`
}

/** Describes the state of the simulation switch. Shoppers count as active for a while after it is turned off. */
export function simulationText(simulation: Switches['simulation'], shoppers: number): string {
  if (simulation === 'on') return `${formatMany(shoppers, 'simulated visitor')} on the site.`
  return shoppers > 0
    ? `No new ones; ${formatCount(shoppers)} still active.`
    : 'No simulated visitors. The history may include some.'
}
