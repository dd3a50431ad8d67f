import { createPinia } from 'pinia'
import { expect, it } from 'vitest'
import { createSSRApp, h } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { TidemarkPlugin } from '../settings/plugin.ts'
import ActivityTable from './ActivityTable.vue'

function render(props: { items?: object[] }): Promise<string> {
  const app = createSSRApp(() => h(ActivityTable<object>, props))
  return renderToString(
    app.use(createPinia()).use(TidemarkPlugin, { baseUrl: '/api', siteId: 'a' }),
  )
}

it('ActivityTable: renders its skeleton on a server, and rows of the host', async () => {
  expect(await render({})).toContain('aria-busy="true"')
  const items = Array.from({ length: 1000 }, (_, id) => ({ id, timestamp: id, path: `/${id}` }))
  const html = await render({ items })
  expect(html).toContain('aria-rowcount="1001"')
  expect(html.split('data-tm-index').length).toBeLessThan(40)
})
