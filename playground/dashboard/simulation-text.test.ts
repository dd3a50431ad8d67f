import { expect, it } from 'vitest'
import { simulatedText, simulationText } from './simulation-text.ts'

it.each([
  [38, 38, 'All of these visitors are simulated.'],
  // The two numbers may differ for a moment: they are updated separately.
  [38, 37, 'All of these visitors are simulated.'],
  [38, 40, 'At least 38 of these visitors are simulated.'],
  [0, 2, ''],
  [0, 0, ''],
  [38, undefined, ''],
])(
  'simulatedText: describes %o simulated among %o visitors as "%s"',
  (simulated, visitors, text) => {
    expect(simulatedText(simulated, visitors)).toBe(text)
  },
)

it.each([
  ['on', 38, '38 simulated visitors on the site.'],
  ['on', 1, '1 simulated visitor on the site.'],
  ['off', 38, 'No new ones; 38 still active.'],
  ['off', 1, 'No new ones; 1 still active.'],
  ['off', 0, 'No simulated visitors. The history may include some.'],
] as const)(
  'simulationText: describes the simulation %s with %i shoppers as "%s"',
  (simulation, shoppers, text) => {
    expect(simulationText(simulation, shoppers)).toBe(text)
  },
)
