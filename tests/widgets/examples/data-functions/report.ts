import { fetchDashboardData } from '@tidemark/widgets'

const config = { baseUrl: 'https://stats.example.com/api', siteId: 'my-site' }

export async function report(): Promise<string> {
  const { realtime } = await fetchDashboardData(config, { realtime: true })
  const { metrics } = await fetchDashboardData(config)
  const { pageViews } = metrics.totals
  return `${realtime.currentVisitors} visitors now, ${pageViews} page views in 24 hours`
}
