import { expect, it } from 'vitest'
import { formatDuration } from './format-duration.ts'

it.each([
  [0, 'en', '0s'],
  [-1, 'en', '0s'],
  [400, 'en', '0s'],
  [59_600, 'en', '1m 0s'],
  [134_000, 'en', '2m 14s'],
  [3_900_000, 'en', '1h 5m'],
  [134_000, 'de', '2 min 14 s'],
  [3_900_000, 'de-AT', '1 h 5 min'],
  [134_000, 'fr', '2min 14s'],
  [134_000, 'es', '2min 14s'],
  [134_000, 'ja', '2 分14 秒'],
  [134_000, 'ar', '2 د و14 ث'],
])('formatDuration: formats %d ms in %s as %j', (durationMs, locale, text) => {
  expect(formatDuration(durationMs, locale).replaceAll(/\s/g, ' ')).toBe(text)
})
