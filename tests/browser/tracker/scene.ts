import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Tracker, TrackerCounts, TrackerState } from '@tidemark/sdk'
import type { Page } from 'puppeteer-core'
import { expect } from 'vitest'
import { type Server, startServer } from '../deployment.ts'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'
import { type PageServer, type SitePage, startPageServer } from './page-server.ts'
import type { PersonBrowser } from './person-browser.ts'

declare global {
  /** The tracker of the page's tag. */
  var tidemark: Tracker
}

/** A Tidemark server in a process of its own. It accepts any site. */
export interface Tidemark extends Server {
  close(): Promise<void>
}

export async function startTidemark(): Promise<Tidemark> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-tracker-'))
  const server = await startServer(dataDir, [])
  return {
    get port() {
      return server.port
    },
    start: server.start,
    kill: server.kill,
    async close() {
      await server.kill()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Events by name. */
export type Counts = Readonly<Record<string, number>>

/** A site of its own at the server, with pages and a proxy. Nothing is shared with other tests but the browser. */
export interface Scene {
  readonly site: string
  readonly proxy: FaultProxy
  readonly server: PageServer
  /** Returns the script tag of the tracker. Attributes without `data-`: `{ persist: '' }`. */
  tag(attributes?: Readonly<Record<string, string>>): string
  /** Adds a page. @param page its HTML, or all of it */
  add(path: string, page: string | SitePage): void
  /** Opens a page in a new tab. */
  open(path?: string, options?: OpenOptions): Promise<Page>
  /** Reads the events that the server has counted, by name. */
  counts(site?: string): Promise<Counts>
  /** Waits until the server has counted exactly these events. */
  expectCounts(expected: Counts, options?: ExpectOptions): Promise<void>
  /** Reads the page views that the server has counted, by path. */
  paths(): Promise<Counts>
  /** Reads how many events the server got more than once, and how many it clamped or rejected. */
  limits(): Promise<{ repeated: number; clamped: number; rejected: Counts }>
  /** Returns the events of all requests so far, with those that were sent again. */
  sentEvents(): SentEvent[]
  close(): Promise<void>
}

export interface OpenOptions {
  /** Another browser than that of the scene. */
  browser?: Pick<PersonBrowser, 'newPage'>
  /** @default 'tab' */
  type?: 'tab' | 'window'
  /** Difference of the page's wall clock to the real time, in milliseconds. */
  clockOffsetMs?: number
}

export interface ExpectOptions {
  site?: string
  /** @default 15000 */
  timeoutMs?: number
}

/** An event as the tracker sends it. */
export interface SentEvent {
  name: string
  n?: number
  timestamp?: number
  url?: string
  referrer?: string
  title?: string
  visitorId?: string
  userId?: string
  value?: number
  properties?: Record<string, unknown>
}

/** A batch as the tracker sends it. */
export interface SentBatch {
  client: string
  sentAt: number
  events: SentEvent[]
}

const shortWaitMs = 15_000

/** Expects something of a value that is read again until it is so. */
export function eventually<Value>(
  read: () => Value | Promise<Value>,
  timeoutMs: number = shortWaitMs,
): ReturnType<typeof expect.poll<Value>> {
  return expect.poll(read, { timeout: timeoutMs, interval: 50 })
}

let sceneCount = 0

export async function openScene(
  { newPage }: Pick<PersonBrowser, 'newPage'>,
  tidemark: Tidemark,
): Promise<Scene> {
  const site = `site-${(sceneCount += 1)}`
  const proxy = await startFaultProxy(() => tidemark.port)
  const server = await startPageServer()
  const opened: Page[] = []

  async function read<Answer>(path: string, of = site): Promise<Answer> {
    const answer = await fetch(`http://127.0.0.1:${tidemark.port}/api/sites/${of}/${path}`)
    expect(answer.status).toBe(200)
    return (await answer.json()) as Answer
  }

  async function readRows<Row>(by: string, of?: string): Promise<Row[]> {
    const { rows, totals } = await read<{ rows: Row[]; totals: { botEvents: number } }>(
      `metrics?granularity=minute&by=${by}`,
      of,
    )
    expect(totals.botEvents).toBe(0)
    return rows
  }

  async function counts(of?: string): Promise<Counts> {
    const rows = await readRows<{ name: string; events: number }>('name', of)
    return Object.fromEntries(rows.map(({ name, events }) => [name, events]))
  }

  return {
    site,
    proxy,
    server,
    tag(attributes = {}) {
      const data = { site, api: proxy.api, heartbeatIntervalMs: '0', engagement: 'false' }
      return `<script src="/tidemark.js"${toAttributes({ ...data, ...attributes })}></script>`
    },
    add: (path, page) =>
      void server.pages.set(path, typeof page === 'string' ? { html: page } : page),
    async open(path = '/', { browser = { newPage }, type, clockOffsetMs } = {}) {
      const page = await browser.newPage(type)
      opened.push(page)
      if (clockOffsetMs !== undefined) await page.evaluateOnNewDocument(shiftClock, clockOffsetMs)
      await page.goto(server.origin + path)
      return page
    },
    counts,
    async expectCounts(expected, { site: of, timeoutMs } = {}) {
      await eventually(() => counts(of), timeoutMs).toEqual(expected)
    },
    async paths() {
      const rows = await readRows<{ path: string; pageViews: number }>('path')
      return Object.fromEntries(rows.map(({ path, pageViews }) => [path, pageViews]))
    },
    async limits() {
      const { sinceStart } = await read<{
        sinceStart: { repeated: number; clamped: number; rejected: Counts }
      }>('limits')
      return sinceStart
    },
    sentEvents: () => proxy.requests.flatMap(({ body }) => toBatch(body).events),
    async close() {
      await Promise.all(opened.map(page => page.close().catch(() => {})))
      await proxy.close()
      await server.close()
    },
  }
}

/** Runs in the page before its scripts. */
function shiftClock(offsetMs: number): void {
  const { now } = Date
  Date.now = () => now() + offsetMs
}

export function toBatch(body: string): SentBatch {
  return JSON.parse(body) as SentBatch
}

/** Formats attributes of a tag: `{ heartbeatIntervalMs: '0' }` as ` data-heartbeat-interval-ms="0"`. */
function toAttributes(data: Readonly<Record<string, string>>): string {
  return Object.entries(data)
    .map(([name, value]) => {
      const attribute = name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
      return ` data-${attribute}="${value}"`
    })
    .join('')
}

/** Calls `track` in a page, `count` times in one task. */
export async function track(page: Page, name: string, count = 1, text = ''): Promise<void> {
  await page.evaluate(
    (each, times, note) => {
      for (let number = 0; number < times; number += 1)
        tidemark.track(each, note ? { note } : undefined)
    },
    name,
    count,
    text,
  )
}

export function readCounts(page: Page): Promise<TrackerCounts> {
  return page.evaluate(() => tidemark.counts)
}

export function readState(page: Page): Promise<TrackerState> {
  return page.evaluate(() => tidemark.state)
}

/** Returns the ids of the stored events of the page's origin: `<client> <n>`. */
export function storedIds(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    Object.keys(localStorage).flatMap(key => /^tidemark .* (\S+ \d+)$/.exec(key)?.[1] ?? []),
  )
}

export async function countStored(page: Page): Promise<number> {
  return (await storedIds(page)).length
}
