import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Stage, openStage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
  stage.playground.setSwitches({ simulation: 'on' })
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
  await expect
    .poll(() => page.locator('.chart__head p').allInnerTexts(), soon)
    .toEqual(['Not known yet'])
  stage.playground.setSwitches({ network: 'up' })
  await expect.poll(() => facts.allInnerTexts(), soon).not.toContain('–')
  await page.context().close()
})

it('counts the simulated ones who have not left yet when no new ones come', async () => {
  await stage.turn('Simulated shoppers')
  const text = stage.dashboard.getByRole('switch', { name: 'Simulated shoppers' })
  const says = (): Promise<string> => text.locator('xpath=..').innerText()
  await expect.poll(says, soon).toMatch(/No new ones; \d+ still counted\./)
  expect(stage.playground.state.shoppers).toBeGreaterThan(0)
})
