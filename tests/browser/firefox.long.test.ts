import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Playground, startPlayground } from 'playground'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installTimeoutMs } from '../../scripts/program.ts'
import { openFirefox } from './browsers.ts'

/*
 * The dashboard in a real Firefox: the live client with the `fetch`, streams and WebSockets of this browser.
 */

let playground: Playground
let browser: Browser
let page: Page
let dataDir: string

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tidemark-firefox-'))
  playground = await startPlayground({ port: 0, dataDir, simulation: 'off' })
  browser = await openFirefox()
  page = await browser.newPage()
  await page.goto(`${playground.url}/dashboard`)
}, installTimeoutMs)

afterAll(async () => {
  await browser.close()
  await playground.close()
  await rm(dataDir, { recursive: true, force: true })
})

const networkWait = { timeout: 120_000, interval: 100 }

function readTransport(): Promise<string> {
  return page.evaluate(() => {
    const facts = [...document.querySelectorAll('.panel__facts > div')]
    const fact = facts.find(element => element.querySelector('dt')?.textContent === 'Transport')
    return fact?.querySelector('dd')?.textContent?.trim() ?? ''
  })
}

function readFeed(): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('.tm-feed .tm-entry__primary')].map(row => row.textContent ?? ''),
  )
}

let trackedCount = 0

/** Sends an event, and waits until the feed shows all sent events, newest first, without duplicates. */
async function trackAndExpect(): Promise<void> {
  const body = JSON.stringify({ name: `check_${++trackedCount}`, visitorId: 'a' })
  const url = `${playground.url}/api/sites/demo/events`
  const answer = await fetch(url, { method: 'POST', body })
  expect(answer.status).toBe(202)
  const expected = Array.from(
    { length: trackedCount },
    (_, index) => `check_${trackedCount - index}`,
  ).slice(0, 15)
  await expect.poll(readFeed, networkWait).toEqual(expected)
}

describe('Dashboard in Firefox', () => {
  it('is live over a WebSocket', async () => {
    await expect.poll(readTransport, networkWait).toBe('WebSocket')
    await trackAndExpect()
    await trackAndExpect()
  })

  it('falls back to an event stream, then to long polling, and shows each event once', async () => {
    playground.setSwitches({ websocket: 'blocked' })
    await expect.poll(readTransport, networkWait).toBe('Event stream')
    await trackAndExpect()
    playground.setSwitches({ streams: 'buffered' })
    await expect.poll(readTransport, networkWait).toBe('Long-polling')
    await trackAndExpect()
  })

  it('returns to a WebSocket when it is allowed again, and after the server was killed', async () => {
    playground.setSwitches({ websocket: 'open', streams: 'open' })
    await expect.poll(readTransport, networkWait).toBe('WebSocket')
    await trackAndExpect()
    await playground.restart()
    await trackAndExpect()
    await expect.poll(readTransport, networkWait).toBe('WebSocket')
    await trackAndExpect()
  })

  it('keeps its numbers while the network is cut', async () => {
    playground.setSwitches({ network: 'cut' })
    await expect.poll(readTransport, networkWait).toBe('None')
    const shown = await readFeed()
    expect(shown[0]).toBe(`check_${trackedCount}`)
    playground.setSwitches({ network: 'up' })
    await trackAndExpect()
    await expect.poll(readTransport, networkWait).toBe('WebSocket')
  })
})
