import { createLiveClient } from '@tidemark/sdk/live'

const client = createLiveClient({ baseUrl: 'https://stats.example.com/api', siteId: 'my-site' })

export const unsubscribe = client.subscribe(['activePages'], ({ state, status }) => {
  const lines = (state.activePages ?? []).map(({ path, visitors }) => `${path} ${visitors}`)
  document.body.textContent = lines.join('\n')
  document.body.style.opacity = status.stale ? '0.5' : '1'
  if (status.error) console.info(`${status.error.code}: ${status.error.message}`)
})
