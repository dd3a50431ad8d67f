import type { ActivePage, ChannelName } from '@tidemark/protocol'
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

it('fetchSnapshot: types a channel as optional unless every possible list contains it', async () => {
  const { fetch } = createFakeFetch(() => Response.json(snapshot))
  const lists: { either: ['currentVisitors'] | ['currentVisitors', 'pageViews'] } = {
    either: ['currentVisitors'],
  }
  const either = await fetchSnapshot(shop, { channels: lists.either, fetch })
  expectTypeOf(either.currentVisitors).toEqualTypeOf<number>()
  expectTypeOf(either.pageViews).toEqualTypeOf<number | undefined>()
  expectTypeOf(either).not.toHaveProperty('devices')
  expect(either.pageViews).toBeUndefined()

  const names: ChannelName[] = ['currentVisitors']
  const array = await fetchSnapshot(shop, { channels: names, fetch })
  expectTypeOf(array.currentVisitors).toEqualTypeOf<number | undefined>()

  const fetchOne = (name: 'events' | 'pageViews') =>
    fetchSnapshot(shop, { channels: ['currentVisitors', name] })
  type One = Awaited<ReturnType<typeof fetchOne>>
  expectTypeOf<One['currentVisitors']>().toEqualTypeOf<number>()
  expectTypeOf<One['pageViews']>().toEqualTypeOf<number | undefined>()
})

it('fetchSnapshot: does not compile for an unknown channel or option', () => {
  const refused = () => [
    // @ts-expect-error The channel does not exist.
    fetchSnapshot(shop, { channels: ['visitors'] }),
    // @ts-expect-error The option does not exist.
    fetchSnapshot(shop, { channels: ['events'], minute: 5 }),
  ]
  expectTypeOf(refused).toBeFunction()
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
