import { expect, it } from 'vitest'
import { createTemporaryDirectory, startServer } from './server-process.ts'

const minuteMs = 60_000

/** Counts the events of the last hour by name. */
async function countByName(api: string): Promise<Map<string, number>> {
  const now = Date.now()
  const query = `by=name&bucketLimit=700&from=${now - 60 * minuteMs}&to=${now + minuteMs}`
  const answer = await fetch(`${api}/sites/shop/metrics?${query}`)
  const { buckets } = (await answer.json()) as {
    buckets: { rows: { name: string; events: number }[] }[]
  }
  const counts = new Map<string, number>()
  for (const { name, events } of buckets.flatMap(({ rows }) => rows)) {
    counts.set(name, (counts.get(name) ?? 0) + events)
  }
  return counts
}

it('Server: counts every event with a 202 answer once after kill -9 during ingest', async () => {
  const dataDir = createTemporaryDirectory()
  const acknowledged = new Set<string>()
  const sent = new Map<string, string>()
  let nextId = 0

  for (const answersBeforeKill of [3, 1 + Math.floor(Math.random() * 30), 40]) {
    const server = await startServer(dataDir)
    let isAlive = true
    let answered = 0
    // Four senders, each with one open request. Unanswered requests are sent again later.
    const sendUntilKilled = async (sender: number): Promise<void> => {
      while (isAlive) {
        const id = String(nextId++)
        const names = [`${id}.a`, `${id}.b`]
        const events = names.map((name, index) => ({ n: index + 1, name, visitorId: 'v' }))
        const body = JSON.stringify({ client: `${sender} ${id}`, events })
        sent.set(id, body)
        try {
          const answer = await fetch(`${server.api}/sites/shop/events`, { method: 'POST', body })
          expect(answer.status).toBe(202)
        } catch {
          return
        }
        sent.delete(id)
        for (const name of names) acknowledged.add(name)
        if (++answered === answersBeforeKill) {
          isAlive = false
          await server.kill()
        }
      }
    }
    await Promise.all([1, 2, 3, 4].map(sendUntilKilled))
  }

  const server = await startServer(dataDir)
  const before = await countByName(server.api)
  for (const name of acknowledged) expect(before.get(name)).toBe(1)
  for (const count of before.values()) expect(count).toBe(1)

  // The senders do not know whether the unanswered events were stored, and repeat them.
  for (const [id, body] of sent) {
    await fetch(`${server.api}/sites/shop/events`, { method: 'POST', body })
    for (const name of [`${id}.a`, `${id}.b`]) acknowledged.add(name)
  }
  const after = await countByName(server.api)
  expect(new Set(after.keys())).toEqual(acknowledged)
  for (const count of after.values()) expect(count).toBe(1)
})
