// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { errors } from './errors.ts'
import { notFound } from './not-found.ts'
import { siteSearch } from './site-search.ts'
import { type FakeCapture, createFakeCapture } from './testing/fake-capture.ts'

let fake: FakeCapture

beforeEach(() => {
  location.href = 'https://shop.example/'
})

afterEach(() => {
  fake.stop()
  vi.restoreAllMocks()
})

describe('Site search', () => {
  const search = (url: string): Promise<unknown> => fake.send({ url: `https://shop.example${url}` })

  it('is sent after a view whose URL has one of the parameters', async () => {
    fake = createFakeCapture(siteSearch())
    await search('/')
    await search('/find?page=1&q=red+shoes%20')
    await search('/find?s=hats')
    expect(fake.recorded).toEqual([
      { name: 'site_search', properties: { query: 'red shoes', parameter: 'q' } },
      { name: 'site_search', properties: { query: 'hats', parameter: 's' } },
    ])
  })

  it('is sent once for the pages of one search', async () => {
    fake = createFakeCapture(siteSearch())
    for (const url of ['/?q=a', '/?q=a&page=2', '/item', '/?q=a']) await search(url)
    expect(fake.recorded).toHaveLength(2)
  })

  it('reads the parameters that the site names, and no empty text', async () => {
    fake = createFakeCapture(siteSearch(['term']))
    for (const url of ['/?q=a', '/?term=', '/?term=%20', '/?term=b']) await search(url)
    expect(fake.recorded).toMatchObject([{ properties: { query: 'b', parameter: 'term' } }])
  })

  it('belongs to the URL of the view, not to that of a page that came right after it', async () => {
    fake = createFakeCapture(siteSearch())
    location.href = 'https://shop.example/item'
    await search('/?q=shoes')
    expect(fake.recorded).toMatchObject([{ properties: { query: 'shoes' } }])
  })

  it('is not sent for other events', async () => {
    fake = createFakeCapture(siteSearch())
    await fake.send({ name: 'click', url: 'https://shop.example/?q=a' })
    expect(fake.recorded).toEqual([])
  })
})

describe('Not found', () => {
  function setStatus(responseStatus: number | undefined): void {
    const entry = responseStatus === undefined ? {} : { responseStatus }
    vi.spyOn(performance, 'getEntriesByType').mockReturnValue([Object(entry)])
  }

  it.each([404, 410])('is sent if the server answered the page with %i', async status => {
    setStatus(status)
    fake = createFakeCapture(notFound())
    await fake.send({})
    expect(fake.recorded).toEqual([{ name: 'not_found' }])
  })

  it.each([200, 0, 403, 500, undefined])('is not sent after %s', async status => {
    setStatus(status)
    fake = createFakeCapture(notFound())
    await fake.send({})
    expect(fake.recorded).toEqual([])
  })

  it('is sent for the first view alone', async () => {
    setStatus(404)
    fake = createFakeCapture(notFound())
    await fake.send({ name: 'click' })
    expect(fake.recorded).toEqual([])
    await fake.send({})
    await fake.send({})
    expect(fake.recorded).toHaveLength(1)
  })

  it('is sent if the page says so', async () => {
    setStatus(200)
    fake = createFakeCapture(notFound(true))
    await fake.send({})
    expect(fake.recorded).toEqual([{ name: 'not_found' }])
  })

  it('is not sent by a browser without navigation entries', async () => {
    vi.spyOn(performance, 'getEntriesByType').mockReturnValue([])
    fake = createFakeCapture(notFound())
    await fake.send({})
    expect(fake.recorded).toEqual([])
  })
})

describe('Errors', () => {
  function fail(message: string, filename = 'https://shop.example/app.js?v=1'): void {
    const details = { message, filename, lineno: 3, colno: 7 }
    window.dispatchEvent(Object.assign(new ErrorEvent('error', details)))
  }

  function reject(reason: unknown): void {
    window.dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason }))
  }

  it('have message, source without query, and kind', () => {
    fake = createFakeCapture(errors())
    fail('Uncaught TypeError: x is undefined')
    reject(new Error('offline'))
    expect(fake.recorded).toEqual([
      {
        name: 'js_error',
        properties: {
          message: 'Uncaught TypeError: x is undefined',
          source: 'https://shop.example/app.js:3:7',
          kind: 'error',
        },
      },
      { name: 'js_error', properties: { message: 'Error: offline', kind: 'unhandledrejection' } },
    ])
  })

  it('are sent once each, and at most twenty of a page', () => {
    fake = createFakeCapture(errors())
    fail('same')
    fail('same')
    expect(fake.recorded).toHaveLength(1)
    for (let index = 0; index < 100; index += 1) fail(`error ${index}`)
    expect(fake.recorded).toHaveLength(20)
  })

  it('do not include a resource that fails to load', () => {
    fake = createFakeCapture(errors())
    document.body.innerHTML = '<img>'
    document.querySelector('img')?.dispatchEvent(new Event('error'))
    expect(fake.recorded).toEqual([])
  })

  it.each(['text', undefined, null, 5])('may be any reason of a promise: %s', reason => {
    fake = createFakeCapture(errors())
    reject(reason)
    expect(fake.recorded).toMatchObject([{ properties: { message: String(reason) } }])
  })
})
