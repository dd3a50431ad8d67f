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

/** Whether boxes follow each other with at least `gap` pixels between them. */
function areApart([first, ...rest]: readonly Box[], gap: number): boolean {
  const next = rest[0]
  return !first || !next || (first.end + gap <= next.start && areApart(rest, gap))
}

/** Runs in the page. @returns the numbers of the scale that no hole of the mask covers */
function findUncoveredLabels(gauge: Element): string[] {
  const [, ...holes] = gauge.querySelectorAll<SVGRectElement>('mask rect')
  const labels = [...gauge.querySelectorAll<SVGTextElement>('.gauge__label')].map(label => {
    const toChart = label.ownerSVGElement?.getScreenCTM()?.inverse()
    const { left, right, top, bottom } = label.getBoundingClientRect()
    const from = new DOMPoint(left, top).matrixTransform(toChart)
    const to = new DOMPoint(right, bottom).matrixTransform(toChart)
    return { text: label.textContent ?? '', from, to }
  })
  const covered = labels.filter(({ from, to }) =>
    holes.some(({ x, y, width, height }) => {
      const [left, top] = [x.baseVal.value, y.baseVal.value]
      const [right, bottom] = [left + width.baseVal.value, top + height.baseVal.value]
      // The box of a text includes room above and below the digits, for taller letters.
      const middle = (from.y + to.y) / 2
      return left < from.x && to.x < right && top + 4 < middle && middle < bottom - 4
    }),
  )
  return labels.filter(label => !covered.includes(label)).map(({ text }) => text)
}

describe.each([320, 375, 768, 1280])('Dashboard on a screen of %i pixels', width => {
  let page: Page

  beforeAll(async () => {
    page = await tabs.openDashboard({ viewport: { width, height: 800 } })
    await page.clock.install()
    await page.reload()
    await page.getByText('in the last hour').waitFor()
  })
  afterAll(() => page.context().close())

  it('has no horizontal overflow, and shows its complete bar', async () => {
    const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(scrollWidth).toBe(width)
    const bar = await readBoxes(page, '.bar > :not(h1):visible')
    const [logo] = bar
    expect(logo && logo.end - logo.start).toBe(22)
    expect(areApart(bar, 4), JSON.stringify(bar)).toBe(true)
    expect(bar.at(-1)?.end).toBeLessThanOrEqual(width - 16)
  })

  it('keeps the facts within the margin of the chart', async () => {
    const [summary] = await readBoxes(page, '.summary')
    const facts = await readBoxes(page, '.summary__facts dd, .chart__plot')
    for (const { end } of facts) expect(end).toBeLessThanOrEqual((summary?.end ?? 0) - 20)
  })

  it('has no bar that overlaps a count', async () => {
    const rows = page.locator('.tm-row:has(.tm-row__count):not([data-tm-rest])')
    await rows.first().waitFor()
    // Reads all rows at once, because visitors come and go. A row that is being removed has no client rects.
    const gaps = await rows.evaluateAll(elements =>
      elements
        .filter(row => row.getClientRects().length > 0)
        .map(row => {
          const [bar, count] = ['bar', 'count'].map(part => row.querySelector(`.tm-row__${part}`))
          const end = bar?.getBoundingClientRect().right ?? Infinity
          return (count?.getBoundingClientRect().left ?? 0) - end
        }),
    )
    expect(gaps.length).toBeGreaterThan(3)
    for (const pixels of gaps) expect(pixels).toBeGreaterThan(0)
  })

  it('has no empty space below the rows of a card', async () => {
    const spaces = await page.locator('.tm-toplist:not(:first-child)').evaluateAll(cards =>
      cards.map(card => {
        const rows = card.querySelector('.tm-list')?.getBoundingClientRect()
        return card.getBoundingClientRect().bottom - (rows?.bottom ?? 0)
      }),
    )
    expect(spaces).toHaveLength(3)
    for (const pixels of spaces) expect(pixels).toBeLessThanOrEqual(17)
  })

  it('masks the water lines behind the numbers of the scale', async () => {
    const gauge = page.locator('.gauge:has(.gauge__surface)')
    const lines = gauge.locator('.gauge__lines')
    expect(await lines.evaluate(element => getComputedStyle(element).mask)).toContain(
      '#gauge-labels',
    )
    expect(await gauge.evaluate(findUncoveredLabels)).toEqual([])
  })

  it('keeps the times below the chart apart and inside the card at any minute', async () => {
    for (let minute = 0; minute < 15; minute++) {
      const [summary] = await readBoxes(page, '.summary')
      const times = await readBoxes(page, '.chart__axis span')
      expect(areApart(times, 4), JSON.stringify(times)).toBe(true)
      expect(times[0]?.start).toBeGreaterThanOrEqual(summary?.start ?? Infinity)
      await page.clock.fastForward(60_000)
    }
  })
})

it('Dashboard: shows no numbers for a site that it has not reached', async () => {
  tabs.playground.setSwitches({ network: 'cut' })
  const page = await tabs.openDashboard({ viewport: { width: 1280, height: 800 } })
  await page.getByText('The server does not answer').first().waitFor()
  await page.getByText('simulated visitors on the site').waitFor()
  const facts = page.locator('.summary__facts dd')
  expect(await facts.allInnerTexts()).toEqual(['–', '–'])
  expect(await page.locator('.summary__note').innerText()).toBe('')
  expect(await page.locator('.panel__facts dd').first().innerText()).toBe('None')
  const feed = await page.locator('.tm-feed').boundingBox()
  expect(feed?.height, 'height of the empty feed card').toBeLessThan(120)
  await expect
    .poll(() => page.locator('.chart__head p').allInnerTexts(), shortWait)
    .toEqual(['No data yet'])
  tabs.playground.setSwitches({ network: 'up' })
  await expect.poll(() => facts.allInnerTexts(), shortWait).not.toContain('–')
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
