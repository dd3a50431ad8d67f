import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { ShopperBatch } from './event-sender.ts'
import { type BatchTransportOptions, createBatchTransport } from './batch-transport.ts'

const batch: ShopperBatch = {
  identity: { client: 'c', visitorId: 'v', userAgent: 'a browser', country: 'NO' },
  events: [{ name: 'page_view', n: 1 }],
}

let accepted: ShopperBatch[]
let rejections: string[]
let options: BatchTransportOptions

beforeEach(() => {
  accepted = []
  rejections = []
  options = {
    endpoint: 'http://127.0.0.1:4711/api/sites/demo/events',
    fetch: async () => Response.json({ accepted: 1, rejected: [] }, { status: 202 }),
    now: () => 5000,
    onAccepted: received => void accepted.push(received),
    onRejected: reason => void rejections.push(reason),
  }
})

describe('BatchTransport', () => {
  it('sends a batch with the headers that a browser and a CDN would add', async () => {
    const fetch = vi.fn<typeof options.fetch>(options.fetch)
    expect(await createBatchTransport({ ...options, fetch }).sendBatch(batch)).toBe('settled')
    const [url, init] = fetch.mock.calls[0] ?? []
    expect(url).toBe(options.endpoint)
    expect(init).toMatchObject({
      method: 'POST',
      headers: { 'User-Agent': 'a browser', 'Demo-Country': 'NO', 'Content-Type': 'text/plain' },
    })
    expect(JSON.parse(String(init?.body))).toEqual({
      client: 'c',
      visitorId: 'v',
      sentAt: 5000,
      events: [{ name: 'page_view', n: 1 }],
    })
    expect(accepted).toEqual([batch])
  })

  it.each([500, 502, 503, 429, 408])('asks for a retry after status %i', async status => {
    const { sendBatch } = createBatchTransport({
      ...options,
      fetch: async () => new Response('', { status }),
    })
    expect(await sendBatch(batch)).toBe('retry')
    expect(rejections).toEqual([])
    expect(accepted).toEqual([])
  })

  it('asks for a retry after a network error and an incomplete response', async () => {
    const cut = createBatchTransport({
      ...options,
      fetch: () => Promise.reject(new TypeError('cut')),
    })
    expect(await cut.sendBatch(batch)).toBe('retry')
    const half = createBatchTransport({
      ...options,
      fetch: async () => new Response('{"accep', { status: 202 }),
    })
    expect(await half.sendBatch(batch)).toBe('retry')
  })

  it('reports final rejections and asks for no retry', async () => {
    const wrong = createBatchTransport({
      ...options,
      fetch: async () => new Response('', { status: 400 }),
    })
    expect(await wrong.sendBatch(batch)).toBe('settled')
    const rejected = [{ index: 0, code: 'url_invalid' }]
    const partly = createBatchTransport({
      ...options,
      fetch: async () => Response.json({ accepted: 0, rejected }, { status: 202 }),
    })
    expect(await partly.sendBatch(batch)).toBe('settled')
    expect(rejections).toEqual(['status 400', 'url_invalid'])
  })

  it('limits concurrent requests to six', async () => {
    const answers: (() => void)[] = []
    const { sendBatch } = createBatchTransport({
      ...options,
      fetch: () =>
        new Promise(resolve => {
          answers.push(() => resolve(Response.json({ accepted: 1, rejected: [] }, { status: 202 })))
        }),
    })
    const all = Array.from({ length: 10 }, () => sendBatch(batch))
    await vi.waitFor(() => expect(answers).toHaveLength(6))
    answers[0]?.()
    await vi.waitFor(() => expect(answers).toHaveLength(7))
    for (let index = 1; index < 10; index++) {
      await vi.waitFor(() => expect(answers.length).toBeGreaterThan(index))
      answers[index]?.()
    }
    expect(await Promise.all(all)).toEqual(Array.from({ length: 10 }, () => 'settled'))
  })

  it('waits for open requests on close and starts no new request', async () => {
    const answers: (() => void)[] = []
    const fetch = vi.fn<typeof options.fetch>(
      () =>
        new Promise(resolve => {
          answers.push(() => resolve(Response.json({ accepted: 1, rejected: [] }, { status: 202 })))
        }),
    )
    const transport = createBatchTransport({ ...options, fetch })
    const last = transport.sendBatch(batch)
    await vi.waitFor(() => expect(answers).toHaveLength(1))
    const closed = transport.close()
    expect(await transport.sendBatch(batch)).toBe('retry')
    answers[0]?.()
    await closed
    expect(await last).toBe('settled')
    expect(accepted).toEqual([batch])
    expect(fetch).toHaveBeenCalledOnce()
  })

  it('aborts open requests one second after close', async () => {
    vi.useFakeTimers()
    const transport = createBatchTransport({
      ...options,
      fetch: (_url, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(new Error('aborted')))
        }),
    })
    const last = transport.sendBatch(batch)
    await vi.advanceTimersByTimeAsync(0)
    const closed = transport.close()
    await vi.advanceTimersByTimeAsync(1000)
    await closed
    expect(await last).toBe('retry')
    vi.useRealTimers()
  })
})
