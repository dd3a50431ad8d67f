import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Parcel } from './courier.ts'
import { type PostOptions, createPostOffice } from './post.ts'

const parcel: Parcel = {
  sender: { client: 'c', visitorId: 'v', userAgent: 'a browser', country: 'NO' },
  events: [{ name: 'page_view', n: 1 }],
}

let taken: Parcel[]
let refused: string[]
let options: PostOptions

beforeEach(() => {
  taken = []
  refused = []
  options = {
    endpoint: 'http://127.0.0.1:4711/api/sites/demo/events',
    fetch: async () => Response.json({ accepted: 1, rejected: [] }, { status: 202 }),
    now: () => 5000,
    onTaken: each => void taken.push(each),
    onRefused: reason => void refused.push(reason),
  }
})

describe('the post', () => {
  it('sends a batch with the headers that a browser and a CDN would add', async () => {
    const fetch = vi.fn<typeof options.fetch>(options.fetch)
    expect(await createPostOffice({ ...options, fetch }).post(parcel)).toBe('decided')
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
    expect(taken).toEqual([parcel])
  })

  it.each([500, 502, 503, 429, 408])('has failed for now with status %i', async status => {
    const { post } = createPostOffice({
      ...options,
      fetch: async () => new Response('', { status }),
    })
    expect(await post(parcel)).toBe('failed')
    expect(refused).toEqual([])
    expect(taken).toEqual([])
  })

  it('has failed for now without an answer, and with half of one', async () => {
    const cut = createPostOffice({ ...options, fetch: () => Promise.reject(new TypeError('cut')) })
    expect(await cut.post(parcel)).toBe('failed')
    const half = createPostOffice({
      ...options,
      fetch: async () => new Response('{"accep', { status: 202 }),
    })
    expect(await half.post(parcel)).toBe('failed')
  })

  it('says what the server turns away for good, and does not send it again', async () => {
    const wrong = createPostOffice({
      ...options,
      fetch: async () => new Response('', { status: 400 }),
    })
    expect(await wrong.post(parcel)).toBe('decided')
    const rejected = [{ index: 0, code: 'url_invalid' }]
    const partly = createPostOffice({
      ...options,
      fetch: async () => Response.json({ accepted: 0, rejected }, { status: 202 }),
    })
    expect(await partly.post(parcel)).toBe('decided')
    expect(refused).toEqual(['status 400', 'url_invalid'])
  })

  it('has six requests under way at most, and the others wait for their turn', async () => {
    const answers: (() => void)[] = []
    const { post } = createPostOffice({
      ...options,
      fetch: () =>
        new Promise(resolve => {
          answers.push(() => resolve(Response.json({ accepted: 1, rejected: [] }, { status: 202 })))
        }),
    })
    const all = Array.from({ length: 10 }, () => post(parcel))
    await vi.waitFor(() => expect(answers).toHaveLength(6))
    answers[0]?.()
    await vi.waitFor(() => expect(answers).toHaveLength(7))
    for (let each = 1; each < 10; each++) {
      await vi.waitFor(() => expect(answers.length).toBeGreaterThan(each))
      answers[each]?.()
    }
    expect(await Promise.all(all)).toEqual(Array.from({ length: 10 }, () => 'decided'))
  })

  it('waits for what is under way when it is closed, and sends nothing after', async () => {
    const answers: (() => void)[] = []
    const fetch = vi.fn<typeof options.fetch>(
      () =>
        new Promise(resolve => {
          answers.push(() => resolve(Response.json({ accepted: 1, rejected: [] }, { status: 202 })))
        }),
    )
    const office = createPostOffice({ ...options, fetch })
    const last = office.post(parcel)
    await vi.waitFor(() => expect(answers).toHaveLength(1))
    const closed = office.close()
    expect(await office.post(parcel)).toBe('failed')
    answers[0]?.()
    await closed
    expect(await last).toBe('decided')
    expect(taken).toEqual([parcel])
    expect(fetch).toHaveBeenCalledOnce()
  })

  it('gives up what is not answered within a second after it was closed', async () => {
    vi.useFakeTimers()
    const office = createPostOffice({
      ...options,
      fetch: (_url, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(new Error('aborted')))
        }),
    })
    const last = office.post(parcel)
    await vi.advanceTimersByTimeAsync(0)
    const closed = office.close()
    await vi.advanceTimersByTimeAsync(1000)
    await closed
    expect(await last).toBe('failed')
    vi.useRealTimers()
  })
})
