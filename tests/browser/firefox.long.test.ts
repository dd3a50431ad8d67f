import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Playground, startPlayground } from 'playground'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installTimeoutMs } from '../../scripts/program.ts'
import { openFirefox } from './browsers.ts'

/*
 * The dashboard in a real Firefox: what the live client does with its `fetch`, streams and WebSockets.
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

const patience = { timeout: 120_000, interval: 100 }

function transport(): Promise<string> {
  return page.evaluate(() => {
    const facts = [...document.querySelectorAll('.panel__facts > div')]
    const fact = facts.find(each => each.querySelector('dt')?.textContent === 'Transport')
    return fact?.querySelector('dd')?.textContent?.trim() ?? ''
  })
}

function feed(): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('.tm-feed .tm-entry__primary')].map(
      each => each.textContent ?? '',
    ),
  )
}

let tracked = 0

/** Sends an event, and waits until the feed shows all that were sent, newest first, each once. */
async function trackAndSee(): Promise<void> {
  const body = JSON.stringify({ name: `check_${++tracked}`, visitorId: 'a' })
  const url = `${playground.url}/api/sites/demo/events`
  const answer = await fetch(url, { method: 'POST', body })
  expect(answer.status).toBe(202)
  const expected = Array.from({ length: tracked }, (_, at) => `check_${tracked - at}`).slice(0, 15)
  await expect.poll(feed, patience).toEqual(expected)
}

describe('the dashboard in Firefox', () => {
  it('is live by a WebSocket', async () => {
    await expect.poll(transport, patience).toBe('WebSocket')
    await trackAndSee()
    await trackAndSee()
  })

  it('goes on with an event stream, then with held requests, and shows each event once', async () => {
    playground.setSwitches({ websocket: 'blocked' })
    await expect.poll(transport, patience).toBe('Event stream')
    await trackAndSee()
    playground.setSwitches({ streams: 'held' })
    await expect.poll(transport, patience).toBe('Long-polling')
    await trackAndSee()
  })

  it('comes back up when all is let through, and after the server was killed', async () => {
    playground.setSwitches({ websocket: 'open', streams: 'open' })
    await expect.poll(transport, patience).toBe('WebSocket')
    await trackAndSee()
    await playground.restart()
    await trackAndSee()
    await expect.poll(transport, patience).toBe('WebSocket')
    await trackAndSee()
  })

  it('keeps what it has while the network is cut', async () => {
    playground.setSwitches({ network: 'cut' })
    await expect.poll(transport, patience).toBe('None')
    const shown = await feed()
    expect(shown[0]).toBe(`check_${tracked}`)
    playground.setSwitches({ network: 'up' })
    await trackAndSee()
    await expect.poll(transport, patience).toBe('WebSocket')
  })
})
