import { createRequire } from 'node:module'
import type Axe from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { type ChartPage, openChartPage } from './charts/chart-page.ts'

let charts: ChartPage
let page: Page

beforeAll(async () => {
  charts = await openChartPage()
  page = charts.page
})
afterAll(() => charts.close())
beforeEach(() => page.reload())

const light = [10, 117, 130, 255]
const dark = [76, 196, 208, 255]

/** Centers of a complete bar, the hatched gap and the running bar, as shares of the width. */
const [complete, gap, running] = [10.5 / 60, 25 / 60, 59.5 / 60]

it('Charts: draw bars, a gap and a partial bar', async () => {
  expect(await charts.colorAt('minutes', complete, 0.5)).toEqual(light)
  expect(await charts.colorAt('minutes', running, 0.5)).not.toEqual(light)
  expect((await charts.colorAt('minutes', running, 0.5))[3]).toBeGreaterThan(0)
  expect(await charts.colorAt('minutes', gap, 0.5)).not.toEqual(light)
})

it('Charts: have the pixels of the screen', async () => {
  const sizes = await page.locator('.minutes canvas').evaluate(element => {
    if (!(element instanceof HTMLCanvasElement)) return undefined
    return { pixels: element.width, css: element.getBoundingClientRect().width }
  })
  expect(sizes?.pixels).toBe(Math.floor((sizes?.css ?? 0) * 2))
})

it('Charts: take the colors of another theme without new data', async () => {
  await page.evaluate(() => (document.documentElement.dataset['tmTheme'] = 'dark'))
  await vi.waitFor(async () => expect(await charts.colorAt('minutes', complete, 0.5)).toEqual(dark))
})

it('Charts: take the colors of another theme with reduced motion', async () => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.evaluate(() => (document.documentElement.dataset['tmTheme'] = 'dark'))
  await vi.waitFor(async () => expect(await charts.colorAt('minutes', complete, 0.5)).toEqual(dark))
  await page.emulateMedia({ reducedMotion: null })
})

it('Charts: run from right to left in such a page', async () => {
  await page.evaluate(() => (document.documentElement.dir = 'rtl'))
  await vi.waitFor(async () =>
    expect(await charts.colorAt('minutes', 1 - running, 0.5)).not.toEqual(light),
  )
  expect(await charts.colorAt('minutes', 1 - complete, 0.5)).toEqual(light)
  const points = page.locator('.minutes [role=slider]')
  await points.focus()
  expect(await points.getAttribute('aria-valuenow')).toBe('60')
  await page.keyboard.press('ArrowRight')
  expect(await points.getAttribute('aria-valuenow')).toBe('59')
})

async function dragOver(chart: string, from: number, to: number): Promise<void> {
  const box = await page.locator(`.${chart} [role=slider]`).boundingBox()
  if (!box) throw new Error(`The chart ${chart} is not visible.`)
  const y = box.y + box.height / 2
  await page.mouse.move(box.x + box.width * from, y)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * ((from + to) / 2), y)
  await page.mouse.move(box.x + box.width * to, y)
  await page.mouse.up()
}

const count = (chart: string) =>
  page.locator(`.${chart} [role=slider]`).getAttribute('aria-valuemax')

it('Charts: show a selected range, and reset it', async () => {
  await dragOver('days', 0.2, 0.5)
  await vi.waitFor(async () => expect(Number(await count('days'))).toBeLessThan(12))
  await page.getByRole('button', { name: 'Reset range' }).click()
  await vi.waitFor(async () => expect(await count('days')).toBe('30'))
  await page.locator('.days [role=slider]').focus()
  for (const key of ['Home', 'Shift+ArrowRight', 'Shift+ArrowRight']) await page.keyboard.press(key)
  await vi.waitFor(async () => expect(await count('days')).toBe('2'))
})

it('Charts: show the tooltip of a tap until the focus moves on', async () => {
  const points = page.locator('.days [role=slider]')
  await points.tap({ position: { x: 5, y: 40 } })
  await expect
    .poll(() => page.locator('.days .tm-chart__tooltip').innerText())
    .toContain('Oct 26, 2026')
  await page.locator('.browsers [role=slider]').focus()
  await expect.poll(() => page.locator('.days .tm-chart__tooltip').count()).toBe(0)
})

it('Charts: fit a phone, and grow again', async () => {
  await page.setViewportSize({ width: 320, height: 900 })
  const overflow = () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  await expect.poll(overflow).toBe(0)
  const narrow = () => page.locator('.days canvas').evaluate(({ clientWidth }) => clientWidth)
  await expect.poll(narrow).toBeLessThan(300)
  await page.setViewportSize({ width: 800, height: 1200 })
  await expect.poll(narrow).toBeGreaterThan(400)
})

it.each(['ltr', 'rtl'])('Charts: have no problem that axe finds (%s)', async dir => {
  await page.evaluate(direction => (document.documentElement.dir = direction), dir)
  await page.locator('.browsers button').click()
  await page.locator('.days [role=slider]').focus()
  await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') })
  const problems = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof Axe }
    const { violations } = await axe.run()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' ')}`)
  })
  // The page is only a frame for the charts.
  expect(problems.filter(text => !text.startsWith('page-has-heading-one'))).toEqual([])
})
