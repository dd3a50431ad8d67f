import { createLiveClient } from '@tidemark/sdk/live'

const client = createLiveClient({ baseUrl: 'https://stats.example.com/api', siteId: 'my-site' })

export const unsubscribe = client.subscribe(['currentVisitors'], ({ state }) => {
  document.title = `${state.currentVisitors ?? '…'} visitors`
})
