import { expect, it } from 'vitest'
import { messageOf } from './error-message.ts'

it('messageOf: returns the message of an error, its name without one, and any other value as text', () => {
  expect(messageOf(new Error('no'))).toBe('no')
  expect(messageOf(new TypeError())).toBe('TypeError')
  expect(messageOf('no')).toBe('no')
})

it('messageOf: returns the code of an error without a message, as when every address of a host refuses', () => {
  const error = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })
  expect(messageOf(error)).toBe('ECONNREFUSED')
})
