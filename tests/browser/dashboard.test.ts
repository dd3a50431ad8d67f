import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type PlaygroundTabs, openPlaygroundTabs } from './playground-tabs.ts'

let tabs: PlaygroundTabs

beforeAll(async () => {
  tabs = await openPlaygroundTabs({ simulation: 'on' })
  await vi.waitFor(() => expect(tabs.playground.state.shoppers).toBeGreaterThan(5), shortWait)
}, 60_000)
afterAll(() => tabs.close())

const shortWait = { timeout: 12_000, interval: 50 }

interface Box {
  readonly start: number
  readonly end: number
}

/** Horizontal extents of all elements that match, in pixels from the left edge of the page. */
function readBoxes(page: Page, selector: string): Promise<Box[]> {
  return page.locator(selector).evaluateAll(elements =>
    elements.map(element => {
      const { left, right } = element.getBoundingClientRect()
      return { start: left, end: right }
    }),
  )
}

describe.each([320, 1280])('Dashboard on a screen of %i pixels', width => {
  let page: Page

  beforeAll(async () => {
    page = await tabs.openDashboard({ viewport: { width, height: 800 } })
    await page.locator('.tm-row__value').first().waitFor()
  })
  afterAll(() => page.context().close())

  it('has no horizontal overflow, live and in the history', async () => {
    const scrollWidth = (): Promise<number> =>
      page.evaluate(() => document.documentElement.scrollWidth)
    expect(await scrollWidth()).toBe(width)
    await page.getByText('History', { exact: true }).click()
    await page
      .getByRole('group', { name: 'Technology' })
      .locator('.tm-row__value')
      .first()
      .waitFor()
    expect(await scrollWidth()).toBe(width)
    // The longest entry of a menu is cut, so that the tabs keep their line.
    const control = page.getByRole('group', { name: 'Sources' }).locator('.tm-segments')
    const heightOf = async (): Promise<number | undefined> => (await control.boundingBox())?.height
    const height = await heightOf()
    await control.getByRole('combobox', { name: 'More' }).selectOption('content')
    await control.locator('.tm-segments__menu > span', { hasText: 'Campaign contents' }).waitFor()
    expect(await heightOf()).toBe(height)
    expect(await scrollWidth()).toBe(width)
    await page.getByText('Live', { exact: true }).first().click()
    await page.locator('.tm-feed .tm-entry').first().waitFor()
  })

  it('has cards within the page, and apart from each other', async () => {
    const cards = await readBoxes(page, '.tm-dashboard .tm-card')
    expect(cards.length).toBeGreaterThan(8)
    for (const { start, end } of cards) {
      expect(start).toBeGreaterThanOrEqual(12)
      expect(end).toBeLessThanOrEqual(width - 12)
    }
  })

  it('has no bar that overlaps a count', async () => {
    const rows = page.locator('.tm-row:has(.tm-row__value):not([data-tm-rest])')
    await rows.first().waitFor()
    // Reads all rows at once, because visitors come and go. A row that is being removed has no client rects.
    const gaps = await rows.evaluateAll(elements =>
      elements
        .filter(row => row.getClientRects().length > 0)
        .map(row => {
          const [bar, count] = ['fill', 'value'].map(part => row.querySelector(`.tm-row__${part}`))
          const end = bar?.getBoundingClientRect().right ?? Infinity
          return (count?.getBoundingClientRect().left ?? 0) - end
        }),
    )
    expect(gaps.length).toBeGreaterThan(3)
    for (const pixels of gaps) expect(pixels).toBeGreaterThan(0)
  })
})

it('Dashboard: opens the series of a page by a click on its row', async () => {
  const page = await tabs.openDashboard({ viewport: { width: 1280, height: 800 } })
  const row = page.getByRole('group', { name: 'Active pages' }).getByRole('button').first()
  const path = await row.locator('.tm-row__name').innerText()
  await row.click()
  await page.getByRole('group', { name: `Page views: ${path}` }).waitFor()
  await page.getByRole('button', { name: 'Show all', exact: true }).first().click()
  await page.getByRole('group', { name: 'Page views', exact: true }).waitFor()
  expect(await page.getByRole('group', { name: `Page views: ${path}` }).count()).toBe(0)
  await page.context().close()
})

it('Dashboard: shows no numbers for a site that it has not reached', async () => {
  tabs.playground.setSwitches({ network: 'cut' })
  const page = await tabs.openDashboard({ viewport: { width: 1280, height: 800 } })
  await page.getByText('The server does not answer').first().waitFor()
  await page.getByText('simulated visitors on the site').waitFor()
  expect(await page.locator('.tm-counter__value').count()).toBe(0)
  expect(await page.locator('.tm-row__value').count()).toBe(0)
  expect(await page.locator('.panel__facts dd').first().innerText()).toBe('None')
  const feed = await page.locator('.tm-feed').boundingBox()
  expect(feed?.height, 'height of the empty feed card').toBeLessThan(120)
  tabs.playground.setSwitches({ network: 'up' })
  await page.locator('.tm-counter__value').waitFor()
  await page.context().close()
})

it('Dashboard: reports that the browser is offline, not that the playground has stopped', async () => {
  const page = await tabs.openDashboard({ viewport: { width: 1280, height: 800 } })
  await page.getByText('simulated visitors on the site').waitFor()
  const notice = page.locator('.panel__notice')
  await page.context().setOffline(true)
  await expect
    .poll(() => notice.allInnerTexts(), shortWait)
    .toEqual(['This browser is offline. The switches show the last known state.'])
  await page.context().setOffline(false)
  await expect.poll(() => notice.count(), shortWait).toBe(0)
  await page.context().close()
})

it('Dashboard: counts the remaining simulated shoppers after the simulation stops', async () => {
  await tabs.toggleSwitch('Simulated shoppers')
  const text = tabs.dashboard.getByRole('switch', { name: 'Simulated shoppers' })
  const readText = (): Promise<string> => text.locator('xpath=..').innerText()
  await expect.poll(readText, shortWait).toMatch(/No new ones; \d+ still active\./)
  expect(tabs.playground.state.shoppers).toBeGreaterThan(0)
})
