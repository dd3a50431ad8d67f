import { createTracker } from '@tidemark/sdk'
import { type EventBatch, limits } from '@tidemark/protocol'
import { expect, it } from 'vitest'
import { readPage } from './page.ts'

const page = await readPage('docs/tracker.md')
/** The page with each line break as a space, so that the tests do not depend on the wrapping. */
const text = page.text.replaceAll(/\s+/g, ' ')

/** Sends one event and returns it as received, with the tracker's counts. */
async function send(name: string, properties: object, value?: unknown) {
  const bodies: EventBatch[] = []
  const fetch: typeof globalThis.fetch = async (_, init) => {
    const batch: EventBatch = JSON.parse(String(init?.body))
    bodies.push(batch)
    return Response.json({ accepted: batch.events.length, rejected: [] }, { status: 202 })
  }
  const baseUrl = 'https://stats.example.com/api'
  const host = Object.assign(Object.create(globalThis), { fetch })
  const tracker = createTracker({ siteId: 'my-site', baseUrl }, host)
  // An untyped page may pass any value.
  Reflect.apply(tracker.track, tracker, [name, properties, { value }])
  await tracker.flush()
  tracker.stop()
  return { event: bodies[0]?.events[0], counts: tracker.counts }
}

it('docs/tracker.md: names the values that the tracker omits from an event', async () => {
  expect(text).toContain('(arrays, objects, `null`, dates, `NaN`)')
  const bad = { list: [1], object: { a: 1 }, none: null, date: new Date(0), nan: Number.NaN }
  const valid = { plan: 'pro', seats: 3, trial: false }
  const { event, counts } = await send('sign_up', { ...bad, ...valid }, 'much')
  expect(event?.properties).toEqual(valid)
  expect(event).not.toHaveProperty('value')
  expect(counts).toMatchObject({ accepted: 1, rejected: 0, dropped: 0 })

  expect(text).toContain('all properties after the fiftieth')
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`p${index}`, index]))
  expect(Object.keys((await send('many', many)).event?.properties ?? {})).toHaveLength(50)
})

it('docs/tracker.md: states the lengths at which texts are truncated', async () => {
  const long = 'x'.repeat(2000)
  const { event } = await send(long, { [long]: long })
  const [name = ''] = Object.keys(event?.properties ?? {})
  const value = event?.properties?.[name]
  const [, names, properties, values, titles] =
    /event names at (\d+) characters, property names at (\d+), property values at ([\d,]+), titles at (\d+)/.exec(
      text,
    ) ?? []
  expect(names).toBe(String(event?.name.length))
  expect(properties).toBe(String(name.length))
  expect(values).toBe(String(value).length.toLocaleString('en-US'))
  expect(titles).toBe(String(limits.maxTitleLength))
  expect((await send('', {})).counts).toMatchObject({ accepted: 0, dropped: 1 })
})
