import { expect, it } from 'vitest'
import { messageOf, toRefusal } from './failure.ts'

it('has a text for whatever was thrown', () => {
  expect(messageOf(new Error('no'))).toBe('no')
  expect(messageOf(new TypeError())).toBe('TypeError')
  expect(messageOf('no')).toBe('no')
})

it('has the code of an error that says nothing else, as of a host whose every address refuses', () => {
  const error = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })
  expect(messageOf(error)).toBe('ECONNREFUSED')
})

it.each([
  ['http://stats.example/', 'http_404', true],
  ['http://stats.example/', 'not_found', true],
  ['http://stats.example/', 'site_unknown', false],
  ['http://stats.example/stats', 'http_404', false],
])('asks whether %s with %s should have been the API: %s', (address, code, isAsked) => {
  const { message } = toRefusal(new URL(address), { code, detail: 'No.' })
  expect(message.endsWith('Did you mean http://stats.example/api?')).toBe(isAsked)
})
