import { readFileSync, readdirSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { isAlive, prepareCrash } from './crash.ts'
import { openPersonBrowser } from './person-browser.ts'
import {
  countStored,
  eventually,
  openScene,
  readCounts,
  readState,
  storedIds,
  track,
} from './scene.ts'
import type { TrackerTest } from './tracker-test.ts'

/** Tests of `data-persist`: events that survive their page. */

/** Time until stored events count as left behind by their page, in milliseconds. Real time is the subject here. */
const adoptionAgeMs = 31_000

const stays = { persist: '' }

export function testCrashAndAdoption(it: TrackerTest): void {
  it('has stored its events when the tab crashes right after the calls', async ({
    scene,
    person,
    tidemark,
  }) => {
    scene.add('/', scene.tag(stays))
    scene.add('/empty', 'Empty')
    const page = await scene.open()
    await scene.expectCounts({ page_view: 1 })
    await eventually(() => countStored(page)).toBe(0)
    await tidemark.kill()
    const crash = await prepareCrash(person, page)
    await track(page, 'order', 10)
    // A tab of Firefox hands its writes over at the end of the task.
    if (person.kind === 'firefox') await page.evaluate('true')
    await crash()
    const other = await scene.open('/empty')
    expect(await countStored(other)).toBe(10)
    await tidemark.start()
    // This clock is fast, so that the test need not wait until the events count as left behind.
    await scene.open('/', { clockOffsetMs: adoptionAgeMs })
    await scene.expectCounts({ page_view: 2, order: 10 })
    await eventually(() => countStored(other)).toBe(0)
  })
}

export function testManyTabs(it: TrackerTest): void {
  it('delivers 100 of 100 events of five tabs: three crashed, one closed, one alive', async ({
    scene,
    person,
    tidemark,
  }) => {
    scene.add('/', scene.tag(stays))
    const pages = []
    for (let number = 1; number <= 5; number += 1) pages.push(await scene.open())
    await scene.expectCounts({ page_view: 5 })
    await tidemark.kill()
    const crashes = []
    for (const page of pages.slice(0, 3)) crashes.push(await prepareCrash(person, page))
    for (const page of pages) await track(page, 'order', 20)
    for (const crash of crashes) await crash()
    // Tabs may share a process in Firefox, so that more than three have crashed.
    const results = await Promise.all(pages.map(isAlive))
    const [closed, alive = await scene.open()] = pages.filter((_, index) => results[index])
    await closed?.close()
    await tidemark.start()
    await sleep(adoptionAgeMs)
    await alive.bringToFront()
    await track(alive, 'later')
    const expected = { page_view: 5, order: 100, later: 1 }
    await scene.expectCounts(expected, { timeoutMs: 60_000 })
    await eventually(() => countStored(alive)).toBe(0)
    expect(await scene.counts()).toEqual(expected)
  })

  it('delivers 300 of 300 events that were left behind, with five tabs at once', async ({
    scene,
    tidemark,
  }) => {
    scene.add('/', scene.tag(stays))
    scene.add('/empty', 'Empty')
    const page = await scene.open()
    await scene.expectCounts({ page_view: 1 })
    await tidemark.kill()
    await track(page, 'order', 300)
    await page.close()
    const empty = await scene.open('/empty')
    expect(await countStored(empty)).toBe(300)
    await tidemark.start()
    await sleep(adoptionAgeMs)
    // In windows of their own, all of them are visible.
    const type = 'window'
    await Promise.all(Array.from({ length: 5 }, () => scene.open('/', { type })))
    const expected = { page_view: 6, order: 300 }
    await scene.expectCounts(expected, { timeoutMs: 60_000 })
    await eventually(() => countStored(empty)).toBe(0)
    expect(await scene.counts()).toEqual(expected)
  })

  it('accounts for each of 1,000 events of 900 bytes in a tab that is closed at once', async ({
    scene,
  }) => {
    scene.add('/', scene.tag(stays))
    scene.add('/empty', 'Empty')
    const page = await scene.open()
    // An event on its way that is dropped counts as dropped, and may arrive.
    await scene.expectCounts({ page_view: 1 })
    const dropped = await page.evaluate(text => {
      for (let number = 0; number < 1000; number += 1) tidemark.track('order', { text })
      return tidemark.counts.dropped
    }, 'x'.repeat(900))
    await page.close()
    const empty = await scene.open('/empty')
    await sleep(adoptionAgeMs)
    const next = await scene.open()
    await eventually(() => countStored(empty), 60_000).toBe(0)
    await eventually(() => readCounts(next)).toMatchObject({ waiting: 0 })
    const { order = 0, page_view: views = 0 } = await scene.counts()
    const { dropped: droppedLater } = await readCounts(next)
    // With the view of each of the two pages.
    expect(order + views + dropped + droppedLater).toBe(1002)
    expect(order).toBeGreaterThan(900)
  })
}

export function testLeavingWithFaults(it: TrackerTest): void {
  it('delivers later what was left while another script held the keepalive budget', async ({
    scene,
  }) => {
    const hold =
      '<script>fetch("/silence", { method: "POST", keepalive: true, body: "x".repeat(64000) })</script>'
    scene.add('/held', hold + scene.tag(stays))
    scene.add('/', scene.tag(stays))
    scene.add('/next', 'Next')
    const page = await scene.open('/held')
    await track(page, 'order', 30, 'x'.repeat(300))
    await page.goto(`${scene.server.origin}/next`)
    await sleep(adoptionAgeMs)
    await page.goto(`${scene.server.origin}/`)
    await scene.expectCounts({ page_view: 2, order: 30 })
    await eventually(() => countStored(page)).toBe(0)
  })

  // In Chromium, a beacon needs the same budget, and the plain request that follows races with the end of the page.
  const race = { retry: 4 }
  it(
    'sends by other means where another script holds the keepalive budget, without persistence',
    race,
    async ({ scene }) => {
      const hold =
        '<script>fetch("/silence", { method: "POST", keepalive: true, body: "x".repeat(65000) })</script>'
      scene.add('/', hold + scene.tag())
      scene.add('/next', 'Next')
      const page = await scene.open('/')
      await track(page, 'order', 5)
      await page.goto(`${scene.server.origin}/next`)
      await scene.expectCounts({ page_view: 1, order: 5 })
    },
  )

  it('delivers later what was left during Retry-After', async ({ scene }) => {
    const headers = {
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Expose-Headers': 'Retry-After',
      'Retry-After': '3600',
    }
    scene.proxy.faultOf = () => ({ status: 503, headers })
    scene.add('/', scene.tag(stays))
    scene.add('/next', 'Next')
    const page = await scene.open()
    await track(page, 'order', 5)
    await eventually(() => readState(page)).toBe('retrying')
    await page.goto(`${scene.server.origin}/next`)
    expect(await countStored(page)).toBe(6)
    const { length } = scene.proxy.requests
    expect(length).toBe(1)
    scene.proxy.faultOf = () => undefined
    await sleep(adoptionAgeMs)
    await page.goto(`${scene.server.origin}/`)
    await scene.expectCounts({ page_view: 2, order: 5 })
  })
}

export function testKilledBrowser(it: TrackerTest): void {
  it('delivers the events of a browser that was killed', async ({ person, tidemark }) => {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-profile-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
    const first = await openPersonBrowser(person.kind, folder)
    const scene = await openScene(first, tidemark)
    onTestFinished(() => scene.close())
    scene.add('/', scene.tag(stays))
    const page = await scene.open()
    await scene.expectCounts({ page_view: 1 })
    await tidemark.kill()
    await track(page, 'order', 50)
    const ids = await storedIds(page)
    expect(ids).toHaveLength(50)
    // The browser writes its storage to the disk after some seconds.
    await eventually(() => countOnDisk(folder, ids), 60_000).toBe(50)
    await first.kill()
    await tidemark.start()
    const second = await openPersonBrowser(person.kind, folder)
    onTestFinished(() => second.close())
    await sleep(adoptionAgeMs)
    await scene.open('/', { browser: second })
    await scene.expectCounts({ page_view: 2, order: 50 }, { timeoutMs: 30_000 })
  })
}

/** Returns how many of the texts the files of a folder contain. */
function countOnDisk(folder: string, texts: readonly string[]): number {
  const content = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => /leveldb|[\\/]ls[\\/]/.test(name))
    .map(name => join(folder, name))
    .map(path => {
      try {
        return statSync(path).isFile() ? readFileSync(path, 'latin1') : ''
      } catch {
        // The browser has just deleted the file.
        return ''
      }
    })
    .join('\n')
  return texts.filter(text => content.includes(text)).length
}
