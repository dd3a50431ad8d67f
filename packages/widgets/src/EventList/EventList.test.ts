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
  expect(requests[0]?.query).toMatchObject({ by: 'name', limit: '10' })
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
