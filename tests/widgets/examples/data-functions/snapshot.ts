import { fetchSnapshot } from '@tidemark/widgets'

const config = { baseUrl: 'https://stats.example.com/api', siteId: 'my-site' }

export async function busiestPage(): Promise<string> {
  const snapshot = await fetchSnapshot(config, { channels: ['currentVisitors', 'activePages'] })
  const [page] = snapshot.activePages
  return `${page?.path} has ${page?.visitors} of ${snapshot.currentVisitors} visitors`
}
