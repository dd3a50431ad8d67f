// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Tracker } from '../tracker/types.ts'
import installExtra from './extra.ts'
import { install } from './install.ts'
import { type Sent, createTag, recordRequests } from './testing/page.ts'

let sent: Sent
let tracker: Tracker | undefined

/** Starts a tag with `tidemark.extra.js`. Returns its tracker. */
async function start(data: Record<string, string>): Promise<Tracker> {
  const page: Record<string, unknown> = {}
  install(page, [createTag({ site: 's', extra: 'true', ...data })], () =>
    Promise.resolve({ default: installExtra }),
  )
  await new Promise(resolve => setImmediate(resolve))
  tracker = page.tidemark as Tracker
  return tracker
}

beforeEach(() => {
  sent = recordRequests()
  location.href = 'https://shop.example/users/42?token=1&q=shoes'
})

afterEach(() => {
  tracker?.stop()
  localStorage.clear()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

it('Extra: adds nothing without attributes', async () => {
  await (await start({})).flush()
  expect(sent.names()).toEqual(['page_view'])
  expect(sent.events[0]?.url).toBe('https://shop.example/users/42?token=1&q=shoes')
})

it('Extra: applies URL rules to the first view', async () => {
  await (await start({ query: 'page, q', mask: '/users/*' })).flush()
  expect(sent.events[0]?.url).toBe('https://shop.example/users/*?q=shoes')
})

it('Extra: `data-query` without names removes all parameters', async () => {
  await (await start({ query: 'true' })).flush()
  expect(sent.events[0]?.url).toBe('https://shop.example/users/42')
})

it('Extra: sends site searches, with URL rules too', async () => {
  const { flush } = await start({ siteSearch: 'true', query: 'true' })
  await flush()
  await flush()
  expect(sent.events).toMatchObject([
    { name: 'page_view', url: 'https://shop.example/users/42' },
    { name: 'site_search', properties: { query: 'shoes', parameter: 'q' } },
  ])
})

it('Extra: sends site searches of the named parameters', async () => {
  const { flush } = await start({ siteSearch: 'term,token' })
  await flush()
  await flush()
  expect(sent.events[1]).toMatchObject({ properties: { query: '1', parameter: 'token' } })
})

it('Extra: sends `not_found` for a page that says so', async () => {
  const { flush } = await start({ notFound: 'page' })
  await flush()
  await flush()
  expect(sent.names()).toEqual(['page_view', 'not_found'])
})

it('Extra: sends errors', async () => {
  const { flush } = await start({ errors: 'true', pageViews: 'false' })
  window.dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason: 'offline' }))
  await flush()
  expect(sent.names()).toEqual(['js_error'])
})

it('Extra: stores the visitor only with the consent to storage', async () => {
  for (const data of [{}, { persist: 'true' }]) {
    const started = await start({ ...data, persistVisitor: 'true', pageViews: 'false' })
    started.track('a')
    await started.flush()
    started.stop()
  }
  const ids = sent.events.filter(({ name }) => name === 'a').map(event => 'visitorId' in event)
  expect(ids).toEqual([false, true])
})

it('Extra: calls the function of the page that `data-before-send` names, also if it is defined later', async () => {
  const { flush, track, counts } = await start({ beforeSend: 'redact', pageViews: 'false' })
  expect(counts.dropped).toBe(0)
  track('early')
  vi.stubGlobal(
    'redact',
    (event: { name: string }) => event.name !== 'private' && { ...event, title: 'x' },
  )
  track('private')
  track('public')
  await flush()
  expect(sent.events).toMatchObject([{ name: 'public', title: 'x' }])
})
