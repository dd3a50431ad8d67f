// @vitest-environment happy-dom
import { expect, it } from 'vitest'
import { h, nextTick } from 'vue'
import { metricsOf, stubMetrics, totalsOf, useStubbedMetrics } from '../testing/fake-metrics.ts'
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import GoalList from './GoalList.vue'

const config = { baseUrl: '/api', siteId: 'shop' }

useFakePage()
useStubbedMetrics()

const goals = [{ goal: 'Sign-up', count: 5, visitors: 2 }]

it('GoalList: shows how often live goals were reached, and by how many visitors', async () => {
  const app = mountApp(() => h(GoalList, { config }))
  await nextTick()
  app.clients.last.receive({ goals })
  await nextFrame()
  expect(app.wrapper.find('h2').text()).toBe('Goals')
  expect(app.wrapper.find('li').text().replaceAll(/\s+/g, ' ')).toBe(
    'Sign-up reached 5 times 2 visitors',
  )
  expect(app.wrapper.find('.tm-toplist__head').text()).toBe('NameReachedVisitors')
})

it('GoalList: says when no goal was reached', async () => {
  const app = mountApp(() => h(GoalList, { config }))
  await nextTick()
  app.clients.last.receive({ goals: [] })
  await nextFrame()
  expect(app.wrapper.find('.tm-empty').text()).toBe('No goals reached right now.')
})

it('GoalList: shows conversion rates of a time range', async () => {
  const requests = stubMetrics()
  const app = mountApp(() => h(GoalList, { config, range: { last: '7d' } }))
  await nextTick()
  expect(requests[0]?.query).toMatchObject({ by: 'goal' })
  requests[0]?.respond(
    metricsOf({
      by: 'goal',
      totals: totalsOf({ visitors: 80 }),
      rows: goals,
      buckets: [],
    }),
  )
  await nextFrame()
  expect(app.wrapper.find('li').text().replaceAll(/\s+/g, ' ')).toBe(
    'Sign-up reached 5 times 2 visitors 2.5% of all visitors',
  )
})

it('GoalList: passes props, slots and events on', async () => {
  const events: unknown[] = []
  const app = mountApp(() =>
    h(
      GoalList,
      {
        config,
        title: 'Conversions',
        selected: 'Sign-up',
        'onRow-click': row => events.push(['row-click', row.name]),
        onUpdate: rows => events.push(['update', rows.length]),
        onError: error => events.push(['error', error.code]),
      },
      { label: ({ label }: { label: string }) => h('b', label), tabs: () => h('i') },
    ),
  )
  await nextTick()
  app.clients.last.receive({ goals })
  await nextFrame()
  expect(app.wrapper.find('h2').text()).toBe('Conversions')
  expect(app.wrapper.find('li b').text()).toBe('Sign-up')
  expect(app.wrapper.find('i').exists()).toBe(true)
  await app.wrapper.find('li button[aria-current=true]').trigger('click')
  app.clients.last.setStatus({ error: { code: 'network', message: 'x' } })
  await nextFrame()
  expect(events).toEqual([
    ['update', 1],
    ['row-click', 'Sign-up'],
    ['error', 'network'],
  ])
})

it('GoalList: has no buttons without a listener', async () => {
  const app = mountApp(() => h(GoalList, { config }))
  await nextTick()
  app.clients.last.receive({ goals })
  await nextFrame()
  expect(app.wrapper.find('button').exists()).toBe(false)
})
