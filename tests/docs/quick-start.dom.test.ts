// @vitest-environment happy-dom
import { createTidemark } from '@tidemark/server'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createApp } from 'vue'
import App from './examples/quick-start/App.vue'

it('docs/quick-start.md: the widgets show the visitors of the site', async () => {
  const tidemark = createTidemark({ sites: ['my-site'] })
  onTestFinished(() => tidemark.close())
  const body = JSON.stringify({ name: 'page_view', url: 'http://localhost:5173/start' })
  const url = 'http://127.0.0.1:4711/api/sites/my-site/events'
  await tidemark.fetch(new Request(url, { method: 'POST', body }))
  vi.stubGlobal('WebSocket', undefined)
  vi.stubGlobal('fetch', async (input: string, init?: RequestInit) =>
    tidemark.fetch(new Request(input, init)),
  )
  onTestFinished(() => void vi.unstubAllGlobals())
  const app = createApp(App)
  const place = document.createElement('div')
  app.mount(place)
  onTestFinished(() => app.unmount())
  await vi.waitFor(() => expect(place.textContent).toContain('/start'))
  expect(place.textContent).toContain('Current visitors: 1')
})
