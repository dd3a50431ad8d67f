import { expect, it } from 'vitest'
import { openTable } from './activity-table.ts'

/** A frame at 60 frames a second is 16.7 ms. */
const maxMsPerFrame = 14

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
