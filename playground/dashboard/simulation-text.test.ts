import { expect, it } from 'vitest'
import { simulationText } from './simulation-text.ts'

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
