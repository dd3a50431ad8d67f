import { expect, it } from 'vitest'
import { type FlipOutcome, flipAndRead, positionsOf, storeHistory } from './bit-flips.ts'

it('Server: reports the damage of any flipped bit, or its numbers are right', async () => {
  const history = await storeHistory()
  const all = positionsOf(history, 4)
  const count = 6
  const outcomes = new Map<FlipOutcome, number>()
  for (let each = 0; each < count; each++) {
    const position = all[Math.floor(((each + 0.5) * all.length) / count)] ?? 0
    const bit = each % 8
    const outcome = await flipAndRead(history, position, bit).catch((cause: unknown) => {
      throw new Error(`Bit ${bit} of byte ${position} of ${history.size}.`, { cause })
    })
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  expect(outcomes.get('missing')).toBeGreaterThan(0)
}, 60_000)
