import { createLiveClient } from '@tidemark/sdk/live'

const [baseUrl = '', siteId = '', token = ''] = process.argv.slice(2)

const client = createLiveClient({ baseUrl, siteId, token })

const stop = client.subscribe(['currentVisitors', 'pageViews'], ({ state, status }) => {
  if (status.error) console.log(`${status.error.code}: ${status.error.message}`)
  else if (state.currentVisitors === undefined) return
  else console.log(`${state.currentVisitors} people, ${state.pageViews} page views`)
  stop()
})
