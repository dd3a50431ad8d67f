import type { Page } from 'puppeteer-core'
import { describe, expect } from 'vitest'
import { type Scene, eventually } from './scene.ts'
import { createTrackerTest } from './tracker-test.ts'

/*
 * Time of the tracker on the main thread of Chromium. The tests print figures, which are those of an idle machine only
 * on an idle machine. The bounds have room for a busy one.
 */

const maxTrackMicroseconds = 200
const maxInitMs = 20
const maxListeners = 5

/** Headers that give the page a clock with a resolution of 5 µs. */
const isolated = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'credentialless',
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

describe('Tracker in chromium: main thread', () => {
  const it = createTrackerTest('chromium')

  it('records an event with persistence in little time', async ({ scene }) => {
    scene.add('/', { html: scene.tag({ persist: '' }), headers: isolated })
    const page = await scene.open()
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
    const times = await page.evaluate(() =>
      Array.from({ length: 500 }, () => {
        const start = performance.now()
        tidemark.track('order', { plan: 'pro', value: 49 })
        return (performance.now() - start) * 1000
      }),
    )
    print('track() with persistence, median', median(times), 'µs')
    expect(median(times)).toBeLessThan(maxTrackMicroseconds)
    await scene.expectCounts({ page_view: 1, order: 500 })
  })

  it('starts in little time and forces no layout', async ({ scene }) => {
    const attributes = { persist: '', engagement: 'true' }
    const text = '<p>Text</p><script>document.querySelector("p").append("more")</script>'
    scene.add('/next', 'Next')
    scene.add('/', text + scene.tag(attributes))
    const times = []
    for (let load = 1; load <= 5; load += 1) {
      const page = await scene.open('/next')
      const trace = await traceWhile(page, () => page.goto(`${scene.server.origin}/`))
      const run = trace.find(
        ({ name, args }) =>
          name === 'EvaluateScript' && args?.data?.url?.endsWith('/tidemark.js') === true,
      )
      times.push((run?.tdur ?? Number.NaN) / 1000)
      expect(findForcedLayouts(trace)).toEqual([])
      await page.close()
    }
    print('start of the tracker, median processor time', median(times), 'ms')
    expect(median(times)).toBeLessThan(maxInitMs)
  })

  it('forces no layout later', async ({ scene }) => {
    const attributes = { persist: '', engagement: 'true', extra: '', webVitals: '', errors: '' }
    const style = '<style>body { min-height: 4000px }</style><p>Text</p>'
    scene.add('/next', 'Next')
    scene.add('/', style + scene.tag(attributes))
    const page = await scene.open('/')
    await eventually(() => page.evaluate(() => typeof tidemark)).toBe('object')
    const trace = await traceWhile(page, async () => {
      await page.evaluate(() => {
        for (let number = 0; number < 20; number += 1) {
          document.querySelector('p')?.append(`text ${number}`)
          tidemark.track('order')
          history.pushState(null, '', `/${number}`)
        }
      })
      await page.goto(`${scene.server.origin}/next`)
    })
    expect(findForcedLayouts(trace)).toEqual([])
  })

  it('causes no long task', { retry: 2 }, async ({ scene }) => {
    scene.add('/', scene.tag({ persist: '', engagement: 'true' }))
    const page = await scene.open()
    await scene.expectCounts({ page_view: 1 })
    await page.evaluate(() => {
      const longTasks: number[] = []
      Reflect.set(globalThis, 'longTasks', longTasks)
      new PerformanceObserver(list => {
        for (const { duration } of list.getEntries()) longTasks.push(duration)
      }).observe({ type: 'longtask' })
    })
    await page.evaluate(() => {
      for (let number = 0; number < 200; number += 1) tidemark.track('order')
    })
    await scene.expectCounts({ page_view: 1, order: 200 })
    expect(await page.evaluate(() => Reflect.get(globalThis, 'longTasks'))).toEqual([])
  })

  it('adds five listeners or fewer for each feature', async ({ scene }) => {
    const none = { outbound: 'false', downloads: 'false', forms: 'false', attributes: 'false' }
    const base = await countListeners(scene, { ...none, extra: '' })
    print('listeners of the tracker with interactions', base, '')
    for (const feature of ['engagement', 'scrollDepth', 'siteSearch', 'notFound', 'errors']) {
      const count = await countListeners(scene, { ...none, extra: '', [feature]: 'true' })
      print(`listeners of ${feature}`, count - base, '')
      expect(count - base, feature).toBeLessThanOrEqual(maxListeners)
    }
  })
})

const traceCategories = [
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'disabled-by-default-devtools.timeline.stack',
]

interface TraceEvent {
  name: string
  /** Processor time, in microseconds. */
  tdur?: number
  args?: {
    data?: { url?: string }
    beginData?: { stackTrace?: { url: string; functionName: string }[] }
  }
}

/** Records a trace of a page, also over navigations. */
async function traceWhile(page: Page, run: () => Promise<unknown>): Promise<TraceEvent[]> {
  await page.tracing.start({ categories: [...traceCategories] })
  await run()
  const trace = new TextDecoder().decode(await page.tracing.stop())
  return (JSON.parse(trace) as { traceEvents: TraceEvent[] }).traceEvents
}

/** Returns the stack traces of styles and layouts that a script of the tracker caused. */
function findForcedLayouts(trace: readonly TraceEvent[]): unknown[] {
  const layouts = trace.filter(({ name }) => name === 'Layout' || name === 'UpdateLayoutTree')
  expect(layouts.length).toBeGreaterThan(0)
  return layouts
    .map(({ args }) => args?.beginData?.stackTrace ?? [])
    .filter(stack => stack.some(({ url }) => url.includes('tidemark')))
}

/** Opens a page and counts the listeners that its scripts add. */
async function countListeners(
  scene: Scene,
  attributes: Readonly<Record<string, string>>,
): Promise<number> {
  const patch = `<script>
    let listeners = 0
    const { addEventListener } = EventTarget.prototype
    EventTarget.prototype.addEventListener = function (...args) {
      listeners += 1
      return addEventListener.apply(this, args)
    }
  </script>`
  scene.add('/', patch + scene.tag(attributes))
  const page: Page = await scene.open()
  await eventually(() => page.evaluate(() => typeof tidemark)).toBe('object')
  return Number(await page.evaluate('listeners'))
}

function print(name: string, value: number, unit: string): void {
  process.stdout.write(`${name}: ${Math.round(value * 100) / 100} ${unit}\n`)
}
