import { expect, it } from 'vitest'
import { isProblem } from './codes.ts'

const problem = { code: 'refused', title: 'Refused.', detail: 'Read access is missing.' }

it('isProblem: accepts an error of a server, also with a code of a newer server', () => {
  expect(isProblem({ ...problem, type: 'about:blank', status: 403 })).toBe(true)
  expect(isProblem({ ...problem, code: 'site_moved' })).toBe(true)
})

it.each<[string, unknown]>([
  ['no object', 'refused'],
  ['a list', [problem]],
  ['a missing text', { code: 'refused', title: 'Refused.' }],
  ['a code that is not a text', { ...problem, code: 403 }],
])('isProblem: refuses %s', (_, body) => {
  expect(isProblem(body)).toBe(false)
})
