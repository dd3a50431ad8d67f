import { expect, it } from 'vitest'
import { openTable } from './activity-table.ts'

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
