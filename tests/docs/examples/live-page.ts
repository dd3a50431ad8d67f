import { createLiveClient } from '@tidemark/sdk/live'

const client = createLiveClient({ baseUrl: 'https://stats.example.com/api', siteId: 'my-site' })

function showVisitors({ state }: typeof client.view): void {
  const row = state.pageVisitors?.find(({ path }) => path === '/boots')
  document.title = row ? `${row.visitors} people look at this` : '…'
}

export const unsubscribe = client.subscribe(['pageVisitors'], showVisitors, { paths: ['/boots'] })
