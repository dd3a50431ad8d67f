import { expect, it } from 'vitest'
import type { ComponentApi } from './api.ts'
import { bareMember } from './members.ts'
import { problemsOf } from './problems.ts'

const component: ComponentApi = {
  name: 'Gauge',
  props: [{ ...bareMember('value'), description: 'Number to show.' }],
  slots: [],
  emits: [],
}
const path = 'docs/widgets/Gauge.md'

it('problemsOf: accepts a documented component', () => {
  const pages = new Map([
    [path, '![](images/Gauge.png)\n\n<!-- api:Gauge -->\n\n<!-- example:Gauge/Basic.vue -->\n'],
  ])
  expect(problemsOf({ components: [component], pages, examples: ['Gauge/Basic.vue'] })).toEqual([])
})

it('problemsOf: reports missing pages, descriptions and examples', () => {
  const members = {
    props: [bareMember('value')],
    slots: [bareMember('row')],
    emits: [bareMember('update')],
  }
  const pages = new Map([['docs/widgets.md', '<!-- api:Gauge -->\n\n```ts\ndraw()\n```\n']])
  expect(
    problemsOf({
      components: [{ ...component, ...members }],
      pages,
      examples: ['Gauge/Basic.vue'],
    }),
  ).toEqual([
    'docs/widgets/Gauge.md needs the marker <!-- api:Gauge -->',
    'docs/widgets/Gauge.md needs the picture images/Gauge.png',
    'Gauge: the prop value has no description',
    'Gauge: the slot row has no description',
    'Gauge: the event update has no description',
    'tests/widgets/examples/Gauge/Basic.vue is on no page',
    'docs/widgets.md: the code block "draw()" is no example',
  ])
})
