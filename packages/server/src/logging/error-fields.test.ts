import { expect, it } from 'vitest'
import { toErrorFields } from './error-fields.ts'

it('toErrorFields: returns the class, the code of the system and the calls', () => {
  const error = Object.assign(new TypeError('secret'), { code: 'ENOSPC' })
  const { stack = [], ...others } = toErrorFields(error)
  expect(others).toEqual({ error: 'TypeError', code: 'ENOSPC' })
  expect(stack[0]).toMatch(/error-fields\.test\.ts:\d+:\d+/)
  expect(stack.length).toBeLessThanOrEqual(8)
})

const forged = 'secret\n    at secret (file:///secret.ts:1:1)\n    at /secret.ts:2:2'

it.each([
  ['a message that looks like calls', new Error(forged)],
  ['a name', Object.assign(new Error('a'), { name: 'secret' })],
  ['a code', Object.assign(new Error('a'), { code: 'secret' })],
  ['a cause', new Error('a', { cause: 'secret' })],
  ['a message that was replaced', Object.assign(new Error(forged), { message: 'a new one' })],
  ['an error of a parser', parseError()],
  ['a text', 'secret'],
  ['an object', { message: 'secret' }],
])('toErrorFields: leaves out the text of %s', (_, error) => {
  expect(JSON.stringify(toErrorFields(error))).not.toContain('secret')
})

function parseError(): unknown {
  try {
    return JSON.parse('secret')
  } catch (error) {
    return error
  }
}
