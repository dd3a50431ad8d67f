import { expect, it } from 'vitest'
import { toRefusal } from './failure.ts'

it.each([
  ['http://stats.example/', 'http_404', true],
  ['http://stats.example/', 'not_found', true],
  ['http://stats.example/', 'site_unknown', false],
  ['http://stats.example/stats', 'http_404', false],
])('toRefusal: suggests /api for %s with %s: %s', (address, code, isSuggested) => {
  const { message } = toRefusal(new URL(address), { code, detail: 'No.' })
  expect(message.endsWith('Did you mean http://stats.example/api?')).toBe(isSuggested)
})
