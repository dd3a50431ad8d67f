import { expect, it } from 'vitest'
import { surviveCrashes } from './crashes.ts'

it('kill -9 a hundred times: every event that got 202 is counted once, none twice', async () => {
  const { sent, counted } = await surviveCrashes(100)
  expect(counted).toBe(sent)
})
