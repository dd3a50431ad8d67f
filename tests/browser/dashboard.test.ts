import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type PlaygroundTabs, openPlaygroundTabs } from './playground-tabs.ts'

let stage: PlaygroundTabs

beforeAll(async () => {
  stage = await openPlaygroundTabs({ simulation: 'on' })
  await vi.waitFor(() => expect(stage.playground.state.shoppers).toBeGreaterThan(5), soon)
}, 60_000)
afterAll(() => stage.close())

const soon = { timeout: 12_000, interval: 50 }

interface Box {
  readonly start: number
  readonly end: number
}

/** Where things of this kind are from the page's left to its right, in pixels. */
function boxes(page: Page, selector: string): Promise<Box[]> {
  return page.locator(selector).evaluateAll(elements =>
    elements.map(element => {
      const { left, right } = element.getBoundingClientRect()
      return { start: left, end: right }
    }),
  )
}

function isApart([one, ...others]: readonly Box[], gap: number): boolean {
  const next = others[0]
  return !one || !next || (one.end + gap <= next.start && isApart(others, gap))
}

/** The numbers of the scale that the holes of the mask do not cover. Runs in the page. */
function leftUncovered(staff: Element): string[] {
  const [, ...holes] = staff.querySelectorAll<SVGRectElement>('mask rect')
  const labels = [...staff.querySelectorAll<SVGTextElement>('.staff__label')].map(label => {
    const board = label.ownerSVGElement?.getScreenCTM()?.inverse()
    const { left, right, top, bottom } = label.getBoundingClientRect()
    const from = new DOMPoint(left, top).matrixTransform(board)
    const to = new DOMPoint(right, bottom).matrixTransform(board)
    return { text: label.textContent ?? '', from, to }
  })
  const covered = labels.filter(({ from, to }) =>
    holes.some(({ x, y, width, height }) => {
      const [left, top] = [x.baseVal.value, y.baseVal.value]
      const [right, bottom] = [left + width.baseVal.value, top + height.baseVal.value]
      // The box of a text is that of its line: above and below the digits is room for other letters.
      const middle = (from.y + to.y) / 2
      return left < from.x && to.x < right && top + 4 < middle && middle < bottom - 4
    }),
  )
  return labels.filter(label => !covered.includes(label)).map(({ text }) => text)
}

describe.each([320, 375, 768, 1280])('on a screen of %i pixels', width => {
  let page: Page

  beforeAll(async () => {
    page = await stage.openDashboard({ viewport: { width, height: 800 } })
    await page.clock.install()
    await page.reload()
    await page.getByText('in the last hour').waitFor()
  })
  afterAll(() => page.context().close())

  it('has nothing that runs out of the page, and all of its bar', async () => {
    const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(scrollWidth).toBe(width)
    const bar = await boxes(page, '.bar > :not(h1)')
    const [mark] = bar
    expect(mark && mark.end - mark.start).toBe(22)
    expect(isApart(bar, 4), JSON.stringify(bar)).toBe(true)
    expect(bar.at(-1)?.end).toBeLessThanOrEqual(width - 16)
  })

  it('keeps the facts as far from the edge as the chart', async () => {
    const [band] = await boxes(page, '.band')
    const facts = await boxes(page, '.band__facts dd, .chart__plot')
    for (const { end } of facts) expect(end).toBeLessThanOrEqual((band?.end ?? 0) - 20)
  })

  it('has no bar that runs under a count', async () => {
    const rows = page.locator('.tm-row:has(.tm-row__count):not([data-tm-rest])')
    await rows.first().waitFor()
    // All in one look, as visitors come and go meanwhile; a row that goes is gone before it has left.
    const gaps = await rows.evaluateAll(each =>
      each
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

  it('ends a card where its rows end', async () => {
    const spare = await page.locator('.tm-toplist:not(:first-child)').evaluateAll(cards =>
      cards.map(card => {
        const rows = card.querySelector('.tm-list')?.getBoundingClientRect()
        return card.getBoundingClientRect().bottom - (rows?.bottom ?? 0)
      }),
    )
    expect(spare).toHaveLength(3)
    for (const pixels of spare) expect(pixels).toBeLessThanOrEqual(17)
  })

  it('draws no line of water through a number of the scale', async () => {
    const staff = page.locator('.staff:has(.staff__surface)')
    const lines = staff.locator('.staff__lines')
    expect(await lines.evaluate(each => getComputedStyle(each).mask)).toContain('#staff-numbers')
    expect(await staff.evaluate(leftUncovered)).toEqual([])
  })

  it('keeps the times under the chart apart, and in the card, at any minute', async () => {
    for (let minute = 0; minute < 15; minute++) {
      const [band] = await boxes(page, '.band')
      const times = await boxes(page, '.chart__axis span')
      expect(isApart(times, 4), JSON.stringify(times)).toBe(true)
      expect(times[0]?.start).toBeGreaterThanOrEqual(band?.start ?? Infinity)
      await page.clock.fastForward(60_000)
    }
  })
})

it('claims nothing of a site that it has not reached', async () => {
  stage.playground.setSwitches({ network: 'cut' })
  const page = await stage.openDashboard({ viewport: { width: 1280, height: 800 } })
  await page.getByText('The server does not answer').first().waitFor()
  await page.getByText('visitors made up').waitFor()
  const facts = page.locator('.band__facts dd')
  expect(await facts.allInnerTexts()).toEqual(['–', '–'])
  expect(await page.locator('.band__note').innerText()).toBe('')
  expect(await page.locator('.panel__facts dd').first().innerText()).toBe('None')
  const feed = await page.locator('.tm-feed').boundingBox()
  expect(feed?.height, 'a card for one line').toBeLessThan(120)
  await expect
    .poll(() => page.locator('.chart__head p').allInnerTexts(), soon)
    .toEqual(['Not known yet'])
  stage.playground.setSwitches({ network: 'up' })
  await expect.poll(() => facts.allInnerTexts(), soon).not.toContain('–')
  await page.context().close()
})

it('says that the browser is offline, and not that the playground has been stopped', async () => {
  const page = await stage.openDashboard({ viewport: { width: 1280, height: 800 } })
  await page.getByText('visitors made up').waitFor()
  const gone = page.locator('.panel__gone')
  await page.context().setOffline(true)
  await expect
    .poll(() => gone.allInnerTexts(), soon)
    .toEqual(['This browser is offline: the switches are as it last heard.'])
  await page.context().setOffline(false)
  await expect.poll(() => gone.count(), soon).toBe(0)
  await page.context().close()
})

it('counts the simulated ones who have not left yet when no new ones come', async () => {
  await stage.toggleSwitch('Simulated shoppers')
  const text = stage.dashboard.getByRole('switch', { name: 'Simulated shoppers' })
  const says = (): Promise<string> => text.locator('xpath=..').innerText()
  await expect.poll(says, soon).toMatch(/No new ones; \d+ still counted\./)
  expect(stage.playground.state.shoppers).toBeGreaterThan(0)
})
