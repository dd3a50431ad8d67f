import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { launchBrowser } from '../../scripts/browser.ts'
import { buildPage } from './kit/build-page.ts'
import { startScriptedSite } from './kit/scripted-site.ts'

/** A frame at 60 frames a second is 16.7 ms. */
const maxMsPerFrame = 14

async function openTable() {
  const folder = fileURLToPath(new URL('kit/table-page', import.meta.url))
  const site = await startScriptedSite(await buildPage(folder))
  onTestFinished(site.close)
  const browser = await launchBrowser()
  onTestFinished(() => browser.close())
  const page = await browser.newPage({ viewport: { width: 1000, height: 800 } })
  await page.goto(site.url)
  await page.locator('[data-tm-index="0"]').waitFor()
  return page
}

it('ActivityTable: scrolls ten thousand rows at 60 frames a second', async () => {
  const page = await openTable()
  const session = await page.context().newCDPSession(page)
  // Processor time of the thread: on a busy machine, elapsed time includes the time of other processes.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const readTaskMs = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000
  }

  const frames = 120
  const before = await readTaskMs()
  await page.evaluate(async frameCount => {
    const scroller = document.querySelector('.tm-table__scroller')
    for (let frame = 1; frame <= frameCount; frame += 1) {
      if (scroller) scroller.scrollTop = frame * 100
      await new Promise(requestAnimationFrame)
    }
  }, frames)
  expect(((await readTaskMs()) - before) / frames).toBeLessThan(maxMsPerFrame)
  const count = await page.locator('[data-tm-index]').count()
  expect(count).toBeGreaterThan(10)
  expect(count).toBeLessThan(40)
  await page.locator('[data-tm-index="388"]').waitFor()
})

it('ActivityTable: moves through all rows by keyboard', async () => {
  const page = await openTable()
  await page.locator('[data-tm-index="0"]').focus()
  const focusedIndex = () =>
    page.evaluate(() => document.activeElement?.getAttribute('data-tm-index'))
  await page.keyboard.press('End')
  await expect.poll(focusedIndex).toBe('9999')
  expect(await page.locator('[data-tm-index="9999"]').isVisible()).toBe(true)
  await page.keyboard.press('Home')
  await expect.poll(focusedIndex).toBe('0')
  await expect
    .poll(() => page.evaluate(() => document.querySelector('.tm-table__scroller')?.scrollTop))
    .toBe(0)
})
