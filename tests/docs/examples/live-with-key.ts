import { createLiveClient } from '@tidemark/sdk/live'

const [baseUrl = '', siteId = '', key = ''] = process.argv.slice(2)

const client = createLiveClient({
  baseUrl,
  siteId,
  // A WebSocket takes no header of ours, so this reader stays on polling.
  upgrade: false,
  platform: {
    fetch: (input, init) => fetch(input, { ...init, headers: { Authorization: `Bearer ${key}` } }),
  },
})

const stop = client.subscribe(['currentVisitors', 'pageViews'], ({ state, status }) => {
  if (status.error) console.log(`${status.error.code}: ${status.error.message}`)
  else if (state.currentVisitors === undefined) return
  else console.log(`${state.currentVisitors} people, ${state.pageViews} page views`)
  stop()
})
