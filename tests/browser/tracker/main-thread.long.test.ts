import type { Page } from 'puppeteer-core'
import { describe, expect } from 'vitest'
import { type Scene, eventually } from './scene.ts'
import { createTrackerTest } from './tracker-test.ts'

/*
 * Time of the tracker on the main thread of Chromium. The tests print figures, which are those of an idle machine only
 * on an idle machine. They compare the tracker with a baseline of the same run, which a busy machine slows down as much.
 */

/** Largest time of `track()`, in writes of the same event to `localStorage`. On an idle machine it is 3. */
const maxWrites = 8
/** Largest time of the start, in starts of `baseline`. On an idle machine it is 1.5. */
const maxStarts = 3
const maxListeners = 5

/** The use of the browser's interfaces that no tracker can avoid. Their first use on a page takes most of the time. */
const baseline = `
  const site = document.currentScript.dataset.site
  const facts = [navigator.language, navigator.webdriver, navigator.maxTouchPoints, screen.width]
  const page = [document.referrer, document.visibilityState, location.pathname]
  const url = /^(\\w+:\\/\\/[^/?#]+)([^?#]*)\\//.exec(document.currentScript.src)
  const { signal } = new AbortController()
  for (const type of ['visibilitychange', 'click']) document.addEventListener(type, () => {}, { signal })
  for (const type of ['pagehide', 'pageshow']) window.addEventListener(type, () => {}, { signal })
  setTimeout(() => {
    localStorage.setItem('baseline', JSON.stringify([site, facts, page, url]))
    void fetch('/baseline').catch(() => {})
  }, 500)
`

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
    const { tracked, written } = await page.evaluate(() => {
      const measure = (run: (number: number) => void): number[] =>
        Array.from({ length: 500 }, (_, number) => {
          const start = performance.now()
          run(number)
          return (performance.now() - start) * 1000
        })
      const event = { n: 1, timestamp: Date.now(), name: 'order', url: location.href }
      const json = JSON.stringify({ ...event, properties: { plan: 'pro', value: 49 } })
      return {
        written: measure(number => localStorage.setItem(`baseline ${number}`, json)),
        tracked: measure(() => tidemark.track('order', { plan: 'pro', value: 49 })),
      }
    })
    print('track() with persistence, median', median(tracked), 'µs')
    print('localStorage.setItem, median', median(written), 'µs')
    expect(median(tracked)).toBeLessThan(median(written) * maxWrites)
    await scene.expectCounts({ page_view: 1, order: 500 })
  })

  it('starts in little time', async ({ scene }) => {
    const attributes = { persist: '', engagement: 'true' }
    const text = '<p>Text</p><script>document.querySelector("p").append("more")</script>'
    scene.add('/next', 'Next')
    scene.add('/', text + scene.tag(attributes))
    scene.add('/baseline', `${text}<script src="/baseline.js" data-site="s"></script>`)
    scene.server.scripts.set('/baseline.js', baseline)

    /** Loads a page. Returns the processor time of its script, in milliseconds. */
    async function load(path: string, script: string): Promise<number> {
      const page = await scene.open('/next')
      // Stack traces take time: Chromium parses the script again for them.
      const trace = await traceWhile(page, () => page.goto(scene.server.origin + path), timeline)
      await page.close()
      const run = trace.find(
        ({ name, args }) => name === 'EvaluateScript' && args?.data?.url?.endsWith(script) === true,
      )
      return (run?.tdur ?? Number.NaN) / 1000
    }

    const times = []
    const baselines = []
    for (let round = 1; round <= 5; round += 1) {
      baselines.push(await load('/baseline', '/baseline.js'))
      times.push(await load('/', '/tidemark.js'))
    }
    print('start of the tracker, median processor time', median(times), 'ms')
    print('start of a script with the same interfaces', median(baselines), 'ms')
    expect(median(times)).toBeLessThan(median(baselines) * maxStarts)
  })

  it('forces no layout when it starts', async ({ scene }) => {
    const text = '<p>Text</p><script>document.querySelector("p").append("more")</script>'
    scene.add('/next', 'Next')
    scene.add('/', text + scene.tag({ persist: '', engagement: 'true' }))
    const page = await scene.open('/next')
    const trace = await traceWhile(page, () => page.goto(`${scene.server.origin}/`))
    expect(findForcedLayouts(trace)).toEqual([])
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

const timeline = ['devtools.timeline', 'disabled-by-default-devtools.timeline']
const timelineWithStacks = [...timeline, 'disabled-by-default-devtools.timeline.stack']

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
async function traceWhile(
  page: Page,
  run: () => Promise<unknown>,
  categories: readonly string[] = timelineWithStacks,
): Promise<TraceEvent[]> {
  await page.tracing.start({ categories: [...categories] })
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
