import { type Messages, TidemarkPlugin } from '@tidemark/widgets'
import { en } from '@tidemark/widgets/locales/en'
import type { App } from 'vue'

const messages: Messages = {
  ...en,
  counter: {
    ...en.counter,
    title: 'In the shop',
    visitors: { one: '{count} guest', other: '{count} guests' },
  },
}

export function useWidgets(app: App): void {
  app.use(TidemarkPlugin, {
    baseUrl: 'https://stats.example.com/api',
    siteId: 'my-site',
    messages,
  })
}
