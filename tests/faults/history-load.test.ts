import { expect, it } from 'vitest'
import { fillHistory, startLoadedServer } from './history-load.ts'
import { createTemporaryDirectory } from './server-process.ts'

it('Server: answers thirty large history queries in short turns and bounded memory', async () => {
  const dataDir = createTemporaryDirectory()
  const from = await fillHistory(dataDir, { minutes: 70, pages: 200 })
  const server = await startLoadedServer(dataDir)
  const to = from + 70 * 60_000
  const query = `${server.metrics}?from=${from}&to=${to}&by=path`
  // The first queries compile the code, and V8 allocates its young generation.
  for (let each = 0; each < 5; each++) {
    for (const rows of ['', '&bucketLimit=10']) await (await fetch(query + rows)).text()
  }
  const load = await server.measure(async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, async (_, each) => {
        const rows = each % 3 === 0 ? `&bucketLimit=${100 + each}` : `&limit=${300 + each}`
        const answer = await fetch(query + rows)
        return [answer.status, (await answer.arrayBuffer()).byteLength] as const
      }),
    )
    for (const [status, bytes] of answers) {
      expect(status).toBe(200)
      expect(bytes).toBeLessThan(8_000_000)
    }
  })
  expect(load.maxTurnMs).toBeLessThan(50)
  expect(load.growthMiB).toBeLessThan(150)
  const exports = await server.measure(async () => {
    for (let each = 0; each < 3; each++) {
      const answers = await Promise.all(
        ['csv', 'ndjson'].map(async format => {
          const answer = await fetch(`${query}&bucketLimit=700&format=${format}`)
          return [answer.status, (await answer.text()).split('\n').length] as const
        }),
      )
      // All rows of all minutes, the header line in CSV, and the end of the last line.
      expect(answers).toEqual([
        [200, 70 * 200 + 2],
        [200, 70 * 200 + 1],
      ])
    }
  })
  expect(exports.maxTurnMs).toBeLessThan(50)
  expect(exports.growthMiB).toBeLessThan(100)
}, 60_000)
