// @vitest-environment happy-dom
import { expect, it } from 'vitest'
import { h, nextTick } from 'vue'
import { metricsOf, stubMetrics, useStubbedMetrics } from '../testing/fake-metrics.ts'
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import EventList from './EventList.vue'

const config = { baseUrl: '/api', siteId: 'shop' }

useFakePage()
useStubbedMetrics()

it('EventList: counts live events by name', async () => {
  const app = mountApp(() => h(EventList, { config }))
  await nextTick()
  app.clients.last.receive({ events: [{ name: 'page_view', count: 3 }] })
  await nextFrame()
  expect(app.wrapper.find('h2').text()).toBe('Events')
  expect(app.wrapper.find('li').text().replaceAll(/\s+/g, ' ')).toBe('Page views 3 events 100%')
})

it('EventList: counts the events of a time range by name', async () => {
  const requests = stubMetrics()
  const clicked: string[] = []
  const app = mountApp(() =>
    h(EventList, {
      config,
      range: { day: 'today' },
      'onRow-click': row => clicked.push(row.name),
    }),
  )
  await nextTick()
  expect(requests[0]?.query).toMatchObject({ by: 'name', limit: '13' })
  requests[0]?.respond(
    metricsOf({
      by: 'name',
      rows: [{ name: 'sign_up', events: 4, visitors: 2 }],
      buckets: [],
    }),
  )
  await nextFrame()
  expect(app.wrapper.find('li').text().replaceAll(/\s+/g, ' ')).toBe('sign_up 4 events 100%')
  await app.wrapper.find('li button').trigger('click')
  expect(clicked).toEqual(['sign_up'])
})

it('EventList: shows no measurements of a time range', async () => {
  const requests = stubMetrics()
  const app = mountApp(() => h(EventList, { config, range: { day: 'today' }, limit: 1 }))
  await nextTick()
  expect(requests[0]?.query).toMatchObject({ by: 'name', limit: '4' })
  const names = ['engagement', 'web_vital', 'scroll_depth', 'sign_up', 'download']
  requests[0]?.respond(
    metricsOf({
      by: 'name',
      rows: names.map(name => ({ name, events: 4, visitors: 2 })),
      buckets: [],
    }),
  )
  await nextFrame()
  const rows = app.wrapper.findAll('li').map(row => row.text().replaceAll(/\s+/g, ' '))
  expect(rows).toEqual(['sign_up 4 events 50%', 'Other 4 events 50%'])
})
