import type { Browser, Page } from 'playwright-core'

/** Processor time of a page's main thread, as shares of one core. */
export interface MainThreadLoad {
  /** Scripts, style and layout. */
  readonly scriptAndStyle: number
  /** All tasks, also painting and compositing. */
  readonly all: number
}

/** An event of Chromium's trace. Times are in microseconds; `tdur` is the thread's processor time. */
interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur?: number
  readonly tdur?: number
}

const taskName = 'ThreadControllerImpl::RunTask'

/** Events that run scripts, compute styles or lay out; some contain others. */
const scriptAndStyleNames: ReadonlySet<string> = new Set([
  ...['v8.callFunction', 'FunctionCall', 'FireAnimationFrame', 'TimerFire', 'RunMicrotasks'],
  ...['EventDispatch', 'EvaluateScript', 'MinorGC', 'MajorGC', 'UpdateLayoutTree', 'Layout'],
])

/**
 * Measures the main thread of a page. Uses processor time: elapsed time would include other processes on a busy
 * machine. `Performance.getMetrics` does not count microtasks, where Vue renders, as script.
 */
export async function measureMainThread(
  browser: Browser,
  page: Page,
  durationMs: number,
): Promise<MainThreadLoad> {
  await browser.startTracing(page, { categories: ['devtools.timeline', 'toplevel', 'v8'] })
  const startedAt = performance.now()
  await page.waitForTimeout(durationMs)
  const elapsedMs = performance.now() - startedAt
  const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as {
    traceEvents: TraceEvent[]
  }
  const events = eventsOfBusiestPage(traceEvents)
  const share = (names: ReadonlySet<string>): number => sumOutermost(events, names) / elapsedMs
  return { scriptAndStyle: share(scriptAndStyleNames), all: share(new Set([taskName])) }
}

/** Returns the events of the thread with the most layout, in order of time. */
function eventsOfBusiestPage(events: readonly TraceEvent[]): TraceEvent[] {
  const threadOf = ({ pid, tid }: TraceEvent): string => `${pid}.${tid}`
  const layouts = events.filter(({ name }) => name === 'UpdateLayoutTree' || name === 'Layout')
  const counts = Map.groupBy(layouts, threadOf)
  const [busiest] = [...counts].toSorted(([, a], [, b]) => b.length - a.length)
  if (!busiest) throw new Error('The trace has no layout.')
  return events
    .filter(event => event.ph === 'X' && threadOf(event) === busiest[0])
    .toSorted((a, b) => a.ts - b.ts)
}

/** Sums the processor time of events, without those inside another one. @returns milliseconds */
function sumOutermost(events: readonly TraceEvent[], names: ReadonlySet<string>): number {
  let sumUs = 0
  let endUs = 0
  for (const { name, ts, dur = 0, tdur = 0 } of events) {
    if (ts < endUs || !names.has(name)) continue
    sumUs += tdur
    endUs = ts + dur
  }
  return sumUs / 1000
}
