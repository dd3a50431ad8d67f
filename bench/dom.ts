import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Playground, startPlayground } from 'playground'
import type { Page } from 'playwright-core'
import { launchBrowser } from '../scripts/browser.ts'
import { runScript } from '../scripts/run.ts'
import { quantile, table } from './report.ts'

const events = 200
/** Longer than a frame interval, so that each event has its own frame. It is not a divisor of a second. */
const intervalMs = 290

type Switches = Parameters<Playground['setSwitches']>[0]

/** Transports by their name on the dashboard, with the switches that block all better ones. */
const transports: readonly (readonly [string, Switches])[] = [
  ['WebSocket', {}],
  ['Event stream', { websocket: 'blocked' }],
  ['Long-polling', { websocket: 'blocked', streams: 'buffered' }],
  ['Polling', { websocket: 'blocked', streams: 'buffered' }],
]

/** Long-poll requests. The browser blocks them, as there is no switch for them. */
const longPollRequests = '**/realtime/frames?*wait=*'

/** Measures the time from the answer to an event until a browser shows it in the feed. */
export async function benchDom(): Promise<void> {
  await runScript('build:demo')
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-bench-'))
  const playground = await startPlayground({ port: 0, dataDir, simulation: 'off' })
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage()
    await page.goto(`${playground.url}/dashboard`)
    await watchFeed(page)
    const rows: string[][] = []
    for (const [name, switches] of transports) {
      playground.setSwitches(switches)
      if (name === 'Polling') await page.route(longPollRequests, route => route.abort())
      await page
        .locator('.panel__facts dd', { hasText: name })
        .waitFor({ state: 'visible', timeout: 120_000 })
      const times = await measure(playground.url, page, name)
      rows.push([name, quantile(times, 0.5), quantile(times, 0.99)])
    }
    console.log(
      table(
        `DOM: time from an event's 202 to its row in Chromium, ${events} events`,
        ['', 'p50, ms', 'p99, ms'],
        rows,
      ),
    )
  } finally {
    await browser.close()
    await playground.close()
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function measure(url: string, page: Page, transport: string): Promise<number[]> {
  const accepted = new Map<string, number>()
  for (let n = 0; n < events; n++) {
    const name = `${transport} ${n}.`
    const body = JSON.stringify({ name, visitorId: 'a' })
    const answer = await fetch(`${url}/api/sites/demo/events`, { method: 'POST', body })
    accepted.set(name, Date.now())
    await answer.arrayBuffer()
    await new Promise(resolve => setTimeout(resolve, intervalMs))
  }
  await page.waitForTimeout(2000)
  const shown = new Map(await page.evaluate(() => [...(globalThis as FeedWindow).shown]))
  return [...accepted].flatMap(([name, at]) => {
    const shownAt = shown.get(name)
    return shownAt === undefined ? [] : [shownAt - at]
  })
}

type FeedWindow = typeof globalThis & { shown: Map<string, number> }

/** Records the time at which each row of the feed appears. */
async function watchFeed(page: Page): Promise<void> {
  await page.evaluate(() => {
    const shown = new Map<string, number>()
    Object.assign(globalThis, { shown })
    new MutationObserver(() => {
      for (const row of document.querySelectorAll('.tm-feed .tm-entry__primary')) {
        const text = row.textContent ?? ''
        if (!shown.has(text)) shown.set(text, Date.now())
      }
    }).observe(document.body, { childList: true, subtree: true, characterData: true })
  })
}
