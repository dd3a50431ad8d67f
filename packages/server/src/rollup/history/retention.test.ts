import { expect, it } from 'vitest'
import { defaultRetentionMs, retainedFrom } from './retention.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

it('retainedFrom: includes a grace period, so that a request finds its whole range', () => {
  const now = 1000 * dayMs
  expect(retainedFrom(defaultRetentionMs, 'minute', now)).toBe(now - 49 * hourMs)
  expect(retainedFrom(defaultRetentionMs, 'hour', now)).toBe(now - 91 * dayMs)
  expect(retainedFrom(defaultRetentionMs, 'day', now)).toBe(-Infinity)
})
