import { expect, it } from 'vitest'
import { createFakeFetch } from '../testing/fake-fetch.ts'
import { requestJson } from './request-json.ts'

const shop = { baseUrl: 'https://stats.example.com/api', siteId: 'shop' }
const noParameters = new URLSearchParams()

it.each([
  ['a fixed token', 'a.b.c'],
  ['a token function', () => 'a.b.c'],
  ['an async token function', async () => 'a.b.c'],
])('requestJson: sends %s in a header', async (_, token) => {
  const { fetch, requests } = createFakeFetch(() => Response.json({}))
  await requestJson({ ...shop, token }, 'realtime', noParameters, { fetch })
  expect(requests[0]?.init?.headers).toEqual({ Authorization: 'Bearer a.b.c' })
})

it('requestJson: rejects with `token_unavailable` when the token function fails', async () => {
  const cause = new Error('signed out')
  const token = () => Promise.reject(cause)
  const { fetch, requests } = createFakeFetch(() => Response.json({}))
  const response = requestJson({ ...shop, token }, 'realtime', noParameters, { fetch })
  await expect(response).rejects.toMatchObject({ code: 'token_unavailable', cause })
  expect(requests).toEqual([])
})

it('requestJson: rejects with code, status and detail of a refusal', async () => {
  const problem = { type: 'about:blank', status: 404, code: 'site_unknown', title: 't' }
  const { fetch } = createFakeFetch(() => Response.json({ ...problem, detail: 'd' }, problem))
  await expect(requestJson(shop, 'metrics', noParameters, { fetch })).rejects.toMatchObject({
    name: 'TidemarkError',
    code: 'site_unknown',
    status: 404,
    message: 'd',
  })
})

it('requestJson: rejects with `network` when there is no response', async () => {
  const cause = new TypeError('Failed to fetch')
  const fetch = () => Promise.reject(cause)
  await expect(requestJson(shop, 'realtime', noParameters, { fetch })).rejects.toMatchObject({
    code: 'network',
    status: undefined,
    message: 'The server does not answer: https://stats.example.com/api',
    cause,
  })
})

it.each<[string, number, () => Response]>([
  ['JSON without code and title', 500, () => Response.json({ detail: 'x' }, { status: 500 })],
  ['an error page', 404, () => new Response('Not found', { status: 404 })],
])('requestJson: rejects with `answer_invalid` for %s', async (_, status, response) => {
  const { fetch } = createFakeFetch(response)
  await expect(requestJson(shop, 'realtime', noParameters, { fetch })).rejects.toMatchObject({
    code: 'answer_invalid',
    status,
    message:
      'The response is not from a Tidemark server. Check baseUrl: https://stats.example.com/api',
  })
})

it('requestJson: rejects with `network` when a proxy has no response of the server', async () => {
  const { fetch } = createFakeFetch(() => new Response('Bad gateway', { status: 502 }))
  await expect(requestJson(shop, 'realtime', noParameters, { fetch })).rejects.toMatchObject({
    code: 'network',
    status: 502,
    message: 'The server does not answer: https://stats.example.com/api',
  })
})

it.each([
  ['seconds', '30', 30_000],
  ['a date', new Date(Date.now() + 3_600_000).toUTCString(), 600_000],
  ['text', 'soon', undefined],
])(
  'requestJson: reads `Retry-After` in %s, at most ten minutes',
  async (_, header, retryAfterMs) => {
    const headers = { 'Retry-After': header }
    const { fetch } = createFakeFetch(() => new Response('', { status: 503, headers }))
    const response = requestJson(shop, 'metrics', noParameters, { fetch })
    await expect(response).rejects.toMatchObject({ retryAfterMs })
  },
)

it("requestJson: rejects with the signal's reason when it is aborted", async () => {
  const controller = new AbortController()
  const { signal } = controller
  const fetch: typeof globalThis.fetch = (_, init) =>
    new Promise((_resolve, reject) => {
      const abort = () => reject(signal.reason as Error)
      if (init?.signal?.aborted) abort()
      else init?.signal?.addEventListener('abort', abort)
    })
  const response = requestJson(shop, 'realtime', noParameters, { fetch, signal })
  controller.abort()
  await expect(response).rejects.toMatchObject({ name: 'AbortError' })
})
