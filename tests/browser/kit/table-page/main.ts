import '@tidemark/widgets/style.css'
import { type FeedEntry, TidemarkPlugin } from '@tidemark/widgets'
import { ActivityTable } from '@tidemark/widgets/table'
import { createPinia } from 'pinia'
import { createApp, h } from 'vue'

const types = ['pageview', 'event', 'outbound', 'download', 'goal'] as const
const start = Date.UTC(2026, 10, 22)

/** Ten thousand events. */
const items = Array.from({ length: 10_000 }, (_, index): FeedEntry => ({
  id: `${index}-0`,
  type: types[index % types.length] ?? 'event',
  name: `event ${index}`,
  path: `/page/${index}`,
  title: `Page ${index}`,
  country: index % 2 ? 'DE' : 'JP',
  device: 'desktop',
  timestamp: start + index * 1000,
}))

createApp(() => h(ActivityTable<FeedEntry>, { items }))
  .use(createPinia())
  .use(TidemarkPlugin)
  .mount('#app')
