import { expect, it } from 'vitest'
import { fillHistory, startLoadedServer } from './history-load.ts'
import { createTemporaryDirectory } from './server-process.ts'

const hours = 47
const minuteMs = 60_000

it('Server: answers thirty queries of 47 hours by minute with 1,000 paths each', async () => {
  const dataDir = createTemporaryDirectory()
  const from = await fillHistory(dataDir, { minutes: hours * 60, pages: 1000 })
  const server = await startLoadedServer(dataDir)
  const query = `${server.metrics}?from=${from}&to=${from + hours * 60 * minuteMs}&by=path`
  const first = await (await fetch(query)).json()
  expect(first).toMatchObject({ totals: { pageViews: hours * 60 * 1000 } })

  const delays: number[] = []
  let isDone = false
  async function watchHealth(): Promise<void> {
    while (!isDone) {
      const sentAt = performance.now()
      await (await fetch(server.health)).text()
      delays.push(performance.now() - sentAt)
    }
  }
  const load = await server.measure(async () => {
    const watching = watchHealth()
    const sizes = await Promise.all(
      Array.from({ length: 30 }, async (_, each) => {
        const rows = each % 5 === 0 ? `&bucketLimit=${10 + each / 5}` : `&limit=${900 + each}`
        const answer = await fetch(query + rows)
        expect(answer.status).toBe(200)
        return (await answer.arrayBuffer()).byteLength
      }),
    )
    isDone = true
    await watching
    expect(Math.max(...sizes)).toBeLessThan(8_000_000)
  })
  delays.sort((a, b) => a - b)
  const p99 = delays[Math.floor(delays.length * 0.99)]
  console.info({ ...load, healthP99Ms: p99 })
  expect(load.maxTurnMs).toBeLessThan(50)
  expect(load.growthMiB).toBeLessThan(150)
}, 900_000)
