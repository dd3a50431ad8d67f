import { expect, it } from 'vitest'
import { simulatedText, simulationText } from './simulation-text.ts'

it.each([
  [38, 38, 'All of these visitors are simulated.'],
  // What the server counts, and what it is known to have taken, do not change at the same moment.
  [38, 37, 'All of these visitors are simulated.'],
  [38, 40, 'At least 38 of these are simulated.'],
  [0, 2, ''],
  [0, 0, ''],
  [38, undefined, ''],
])('says of %o simulated among %o visitors: %s', (simulated, visitors, text) => {
  expect(simulatedText(simulated, visitors)).toBe(text)
})

it.each([
  ['on', 38, '38 visitors made up.'],
  ['on', 1, '1 visitor made up.'],
  ['off', 38, 'No new ones; 38 still counted.'],
  ['off', 1, 'No new ones; 1 still counted.'],
  ['off', 0, 'None here now; older numbers may be of some.'],
] as const)(
  'says of a simulation that is %s with %i shoppers: %s',
  (simulation, shoppers, text) => {
    expect(simulationText(simulation, shoppers)).toBe(text)
  },
)
