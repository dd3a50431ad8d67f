import { expect, it } from 'vitest'
import { messageOf } from './failure.ts'

it('has a text for whatever was thrown', () => {
  expect(messageOf(new Error('no'))).toBe('no')
  expect(messageOf(new TypeError())).toBe('TypeError')
  expect(messageOf('no')).toBe('no')
})

it('has the code of an error that says nothing else, as of a host whose every address refuses', () => {
  const error = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })
  expect(messageOf(error)).toBe('ECONNREFUSED')
})
