import type { ActivePage } from '@tidemark/protocol'
import { expect, expectTypeOf, it } from 'vitest'
import { createFakeFetch } from '../testing/fake-fetch.ts'
import { fetchSnapshot } from './fetchSnapshot.ts'

const shop = { baseUrl: 'https://stats.example.com/api/', siteId: 'my shop' }
const snapshot = {
  cursor: '1.7',
  at: 1000,
  windowMinutes: 5,
  currentVisitors: 42,
  activePages: [{ path: '/', visitors: 42 }],
}

it('fetchSnapshot: reads all channels with one conditional request', async () => {
  const { fetch, requests } = createFakeFetch(() => Response.json(snapshot))
  const response = await fetchSnapshot(shop, { fetch })
  expect(response).toEqual(snapshot)
  expectTypeOf(response.currentVisitors).toEqualTypeOf<number | undefined>()
  expect(requests).toEqual([
    {
      url: 'https://stats.example.com/api/sites/my%20shop/realtime',
      init: { cache: 'no-cache' },
    },
  ])
})

it('fetchSnapshot: requests channels and window, and types the response by channel', async () => {
  const { fetch, requests } = createFakeFetch(() => Response.json(snapshot))
  const response = await fetchSnapshot(shop, {
    channels: ['currentVisitors', 'activePages'],
    minutes: 30,
    fetch,
  })
  expectTypeOf(response.currentVisitors).toEqualTypeOf<number>()
  expectTypeOf(response.activePages).toEqualTypeOf<ActivePage[]>()
  expectTypeOf(response.cursor).toEqualTypeOf<string>()
  expectTypeOf(response).not.toHaveProperty('pageViews')
  expect(Object.fromEntries(new URL(requests[0]?.url ?? '').searchParams)).toEqual({
    channels: 'currentVisitors,activePages',
    minutes: '30',
  })
})

it.each<[string, () => Response]>([
  ['an HTML page', () => new Response('<html>', { status: 200 })],
  ['another object', () => Response.json({ cursor: 7 })],
  ['an invalid cursor', () => Response.json({ ...snapshot, cursor: '7' })],
  ['no window', () => Response.json({ ...snapshot, windowMinutes: undefined })],
  ['a number in place of a list', () => Response.json({ ...snapshot, activePages: 3 })],
  ['a list in place of a number', () => Response.json({ ...snapshot, currentVisitors: [] })],
  ['a requested channel missing', () => Response.json({ ...snapshot, currentVisitors: undefined })],
])('fetchSnapshot: rejects with `answer_invalid` for %s', async (_, response) => {
  const { fetch } = createFakeFetch(response)
  await expect(fetchSnapshot(shop, { channels: ['currentVisitors'], fetch })).rejects.toMatchObject(
    { name: 'TidemarkError', code: 'answer_invalid' },
  )
})
