import { expect, it } from 'vitest'
import { surviveCrashes } from './crashes.ts'

it('kill -9 at random moments of ingest and checkpoint: every event that got 202 is counted once, none twice', async () => {
  const { sent, counted } = await surviveCrashes(8)
  expect(counted).toBe(sent)
})
