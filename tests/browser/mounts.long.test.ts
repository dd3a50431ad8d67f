import { expect, it, onTestFinished, vi } from 'vitest'
import { openKitPage } from './kit/kit-page.ts'

/** Longer than a connection stays open without widgets. */
const closeWait = { timeout: 15_000, interval: 100 }

it('Widgets: leak nothing when thirty of them are mounted and unmounted a thousand times', async () => {
  const kit = await openKitPage()
  onTestFinished(kit.close)
  onTestFinished(kit.site.publish(3))
  // Compiled code and caches of formats grow first, for about 250 rounds.
  await kit.remount(250)
  await kit.unmount()
  const before = await kit.readCounts()
  await kit.remount(1000)
  await kit.unmount()
  const after = await kit.readCounts()
  const counts = JSON.stringify([before, after])
  expect(after.connections).toBe(1)
  expect(after.listeners, counts).toBeLessThanOrEqual(before.listeners)
  expect(after.nodes - before.nodes, counts).toBeLessThan(500)
  expect(after.heapBytes - before.heapBytes, counts).toBeLessThan(500_000)
  await vi.waitFor(() => expect(kit.site.socketCount).toBe(0), closeWait)
})
