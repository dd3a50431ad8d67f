import { createLiveClient } from '@tidemark/sdk/live'

const client = createLiveClient({ baseUrl: 'https://stats.example.com/api', siteId: 'my-site' })

function showPlans({ state }: typeof client.view): void {
  const lines = state.properties?.[0]?.rows.map(row => `${row.property}: ${row.events}`)
  document.body.textContent = lines?.join('\n') ?? '…'
}

export const unsubscribe = client.subscribe(['properties'], showPlans, {
  properties: [{ event: 'purchase', property: 'plan' }],
})
