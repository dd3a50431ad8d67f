import { type Tidemark, createTidemark } from '@tidemark/server'

/** A Tidemark server on loopback, with data for every widget. */
export interface Site {
  /** Address of the API: `http://127.0.0.1:4711/api`. */
  readonly apiUrl: string
  /** Number of active visitors. */
  readonly visitors: number
  close(): Promise<void>
}

const siteId = 'shop'
const countries = ['DE', 'FR', 'SG', 'MT', 'US', 'BR', 'JP', 'IN']
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
]
const names = ['page_view', 'outbound', 'download', 'sign_up', 'cpu_load']
/** Two per page and country, so that every list is full. */
const visitors = 48

export async function startSite(): Promise<Site> {
  const tidemark: Tidemark = createTidemark({
    sites: [siteId],
    goals: [
      { name: 'Sign-up', event: 'sign_up' },
      { name: 'Boots', path: '/page-1*' },
    ],
    proxy: { countryHeader: 'X-Country' },
  })
  const { url } = await tidemark.listen({ port: 0 })
  const apiUrl = `${url}/api`
  for (let visitor = 0; visitor < visitors; visitor++) await visit(apiUrl, visitor)
  return { apiUrl, visitors, close: () => tidemark.close() }
}

async function visit(apiUrl: string, visitor: number): Promise<void> {
  const batch = {
    visitorId: `visitor ${visitor}`,
    url: `https://shop.example/page-${visitor % 24}`,
    referrer: `https://source-${visitor % 12}.example/`,
    events: names.map(name => ({ name, ...(name === 'cpu_load' && { value: visitor / 100 }) })),
  }
  const headers = {
    'User-Agent': agents[visitor % agents.length] ?? '',
    'X-Country': countries[visitor % countries.length] ?? '',
  }
  const init = { method: 'POST', headers, body: JSON.stringify(batch) }
  const { status } = await fetch(`${apiUrl}/sites/${siteId}/events`, init)
  if (status !== 202) throw new Error(`POST events: expected status 202, got ${status}.`)
}
