import { expect, it, onTestFinished } from 'vitest'
import { openKitPage } from './kit/kit-page.ts'

const partMs = 10_000

it('Widgets: keep 55 frames a second and a flat heap for a minute with 1,000 changes a second', async () => {
  const kit = await openKitPage()
  onTestFinished(kit.close)
  onTestFinished(kit.site.publish(1000))
  await kit.countFrames(partMs)
  const before = await kit.readCounts()
  let frames = 0
  for (let part = 0; part < 6; part++) frames += await kit.countFrames(partMs)
  const after = await kit.readCounts()
  expect(frames / 60).toBeGreaterThanOrEqual(55)
  expect(after.heapBytes / before.heapBytes, JSON.stringify([before, after])).toBeLessThan(1.1)
  expect(kit.site.socketCount).toBe(1)
})
