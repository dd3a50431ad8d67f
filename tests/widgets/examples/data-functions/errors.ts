import { TidemarkError, fetchSnapshot } from '@tidemark/widgets'

const config = { baseUrl: 'https://stats.example.com/api', siteId: 'my-site' }

export async function visitorsText(): Promise<string> {
  try {
    const { currentVisitors } = await fetchSnapshot(config, { channels: ['currentVisitors'] })
    return `${currentVisitors} visitors`
  } catch (error) {
    if (error instanceof TidemarkError && error.code === 'site_unknown') return 'No such site'
    throw error
  }
}
