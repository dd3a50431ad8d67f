import { randomInt } from 'node:crypto'
import { expect, it } from 'vitest'
import { type FlipOutcome, flipAndRead, positionsOf, storeHistory } from './bit-flips.ts'

it('Server: reports the damage of flipped bits in all pages of its database', async () => {
  const history = await storeHistory()
  const outcomes = new Map<FlipOutcome, number>()
  const failures: string[] = []
  for (const position of positionsOf(history, 6)) {
    const bit = randomInt(8)
    try {
      const outcome = await flipAndRead(history, position, bit)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    } catch (error) {
      failures.push(`bit ${bit} of byte ${position}: ${String(error)}`)
    }
  }
  console.info(Object.fromEntries(outcomes), `of ${history.size} bytes`)
  expect(failures).toEqual([])
}, 900_000)
