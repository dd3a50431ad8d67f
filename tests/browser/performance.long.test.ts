import { expect, it, onTestFinished } from 'vitest'
import { openKitPage } from './kit/kit-page.ts'

it('Widgets: take less than a fifth of a core for three updates a second of thirty widgets', async () => {
  const kit = await openKitPage()
  onTestFinished(kit.close)
  onTestFinished(kit.site.publish(3))
  const count = kit.page.locator('.tm-counter__value').first()
  const before = await count.innerText()
  const load = await kit.measureLoad(4000)
  expect(load.scriptAndStyle, JSON.stringify(load)).toBeLessThan(0.2)
  expect(await count.innerText()).not.toBe(before)
})
