import { TidemarkError, fetchDashboardData } from '@tidemark/widgets'

const config = { baseUrl: 'https://stats.example.com/api', siteId: 'my-site' }

export async function report(): Promise<string> {
  try {
    const now = await fetchDashboardData(config, { realtime: true })
    const day = await fetchDashboardData(config)
    const views = day.metrics.buckets.reduce((sum, bucket) => sum + bucket.pageViews, 0)
    return `${now.realtime.currentVisitors} people now, ${views} page views in 24 hours`
  } catch (error) {
    if (error instanceof TidemarkError && error.code === 'site_unknown') return 'No such site'
    throw error
  }
}
