import { fetchMetrics } from '@tidemark/widgets'

const config = { baseUrl: 'https://stats.example.com/api', siteId: 'my-site' }

export async function topPages(): Promise<string[]> {
  const metrics = await fetchMetrics(config, {
    from: '2026-11-01',
    to: '2026-12-01',
    granularity: 'day',
    by: 'path',
    limit: 10,
    compare: 'previous',
  })
  const growth = metrics.totals.pageViews - metrics.previous.totals.pageViews
  const pages = metrics.rows.map(row => `${row.path}: ${row.pageViews} page views`)
  return [...pages, `${growth} more page views than in the period before`]
}
