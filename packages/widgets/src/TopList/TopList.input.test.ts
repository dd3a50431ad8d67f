// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from 'vitest'
import { type Component, h } from 'vue'
import { mountApp, useFakePage } from '../testing/mount-app.ts'
import TopList from './TopList.vue'

// Hosts without types pass anything.
const UntypedList: Component = TopList

useFakePage()
afterEach(() => void vi.restoreAllMocks())

function show(props: Record<string, unknown>) {
  const app = mountApp(() =>
    h(UntypedList, { title: 'T', labelKey: 'name', valueKey: 'count', ...props }),
  )
  const rows = app.wrapper.findAll('li').map(row => row.findAll('bdi').map(cell => cell.text()))
  return { ...app, rows }
}

it.each([[null], [undefined]])('TopList: waits while `items` is %s', items => {
  expect(show({ items }).wrapper.find('.tm-toplist').attributes('aria-busy')).toBe('true')
})

it('TopList: skips items that are not objects', () => {
  const items = [null, undefined, 'text', 5, { name: 'a', count: 1 }]
  expect(show({ items }).rows).toEqual([['a', '1', '100%']])
})

it('TopList: reads counts as text and as BigInt', () => {
  const items = [
    { name: 'a', count: '30' },
    { name: 'b', count: 10n },
    { name: 'c', count: Symbol('c') },
    { name: 'd', count: '1,000' },
    { name: 'e' },
  ]
  expect(show({ items }).rows).toEqual([
    ['a', '30', '75%'],
    ['b', '10', '25%'],
    ['c', '0', '0%'],
    ['d', '0', '0%'],
    ['e', '0', '0%'],
  ])
})

it('TopList: reads labels that are numbers, and names the others "(none)"', () => {
  const items = [404, 10n, true, {}, Symbol('x'), null].map(name => ({ name, count: 1 }))
  expect(show({ items }).rows.map(([label]) => label)).toEqual([
    '404',
    '10',
    'true',
    '(none)',
    '(none)',
    '(none)',
  ])
})

it('TopList: accepts a locale with an underscore, and a text that is no locale', () => {
  const items = [{ name: 'a', count: 1_234_567 }]
  expect(show({ items, locale: 'nl_NL' }).rows[0]?.[1]).toBe('1.234.567')
  expect(show({ items, locale: '!' }).rows[0]?.[1]).toBe('1,234,567')
})

it.each([
  [{ items: [{ name: 'a', count: 1 }], labelKey: undefined }, '`labelKey` is missing'],
  [{ items: {} }, '`items` is not an array'],
  [{ labelKey: undefined, channel: 'pages' }, "`channel` 'pages' is not a list"],
  [{ labelKey: undefined, by: 'goal' }, '`range` is missing'],
  [{ labelKey: undefined }, '`items`, `channel` or `by` is missing'],
])('TopList: warns once in development about %j', (props, problem) => {
  const warnings = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  show(props)
  expect(warnings.mock.calls.map(call => String(call[0])).join('\n')).toContain(problem)
  expect(warnings).toHaveBeenCalledOnce()
})
