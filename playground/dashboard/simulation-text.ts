import type { Switches } from '../server/switches.ts'
import { formatCount, formatMany } from './format.ts'

/**
 * How many of the visitors are made up; empty when none is, or when nobody knows who is here. Some of an
 * earlier start may be left, of whom nobody knows what they were.
 */
export function simulatedText(simulated: number, visitors: number | undefined): string {
  if (simulated === 0 || visitors === undefined) return ''
  return simulated >= visitors
    ? 'All of these visitors are simulated.'
    : `At least ${formatCount(simulated)} of these are simulated.`
}

/** What the position of the switch means. Who is made up is counted for a while after it is turned off. */
export function simulationText(simulation: Switches['simulation'], shoppers: number): string {
  if (simulation === 'on') return `${formatMany(shoppers, 'visitor')} made up.`
  return shoppers > 0
    ? `No new ones; ${formatCount(shoppers)} still counted.`
    : 'None here now; older numbers may be of some.'
}
