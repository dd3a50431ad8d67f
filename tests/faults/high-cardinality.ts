import { type MetricsAnswer, createTidemark } from '@tidemark/server'
import { createManualClock } from '../../packages/server/src/testing/clock.ts'
import { makeDirectory } from '../../packages/server/src/testing/directory.ts'
import { measureHeapBytes } from '../../packages/server/src/testing/heap.ts'

const batchEvents = 1000
const hourMs = 3_600_000
/** Time over which the events are spread, so that hour buckets close during the test. */
const durationMs = 2 * hourMs

export interface CardinalityResult {
  /** Sum of the breakdown by path, including `(other)`. */
  paths: number
  /** Sum of the breakdown by name, including `(other)`. */
  names: number
  /** Number of rows in the breakdown by path. */
  pathRows: number
  visitors: number
  /** Peak memory use after garbage collection, in MiB. */
  memoryMiB: number
}

/** Sends page views and events with a unique path or name and a unique visitor each. */
export async function sendUniqueEvents(events: number): Promise<CardinalityResult> {
  const clock = createManualClock()
  const from = clock.now()
  const tidemark = createTidemark({ storage: { dataDir: makeDirectory() }, clock })
  const batches = events / batchEvents
  let memoryMiB = 0
  for (let batch = 0; batch < batches; batch++) {
    const request = new Request('http://stats.example/api/sites/shop/events', {
      method: 'POST',
      body: createBatch(batch),
    })
    const answer = await tidemark.fetch(request)
    if (answer.status !== 202) throw new Error(await answer.text())
    clock.advance(durationMs / batches)
    if (batch % Math.ceil(batches / 20) !== 0) continue
    const heapUsed = measureHeapBytes()
    const { external } = process.memoryUsage()
    memoryMiB = Math.max(memoryMiB, (heapUsed + external) / 2 ** 20)
  }
  const read = async (by: string): Promise<MetricsAnswer> => {
    const query = `from=${from}&to=${from + durationMs + hourMs}&granularity=hour&by=${by}`
    const answer = await tidemark.fetch(
      new Request(`http://stats.example/api/sites/shop/metrics?${query}`),
    )
    return (await answer.json()) as MetricsAnswer
  }
  const byPath = await read('path')
  const byName = await read('name')
  await tidemark.close()
  const sum = ({ rows = [] }: MetricsAnswer, field: string): number =>
    rows.reduce((total, row) => total + Number(new Map(Object.entries(row)).get(field)), 0)
  return {
    paths: sum(byPath, 'pageViews'),
    names: sum(byName, 'events'),
    pathRows: byPath.rows?.length ?? 0,
    visitors: byPath.totals.visitors,
    memoryMiB,
  }
}

/** Creates a batch: one half page views with unique paths, the other half events with unique names. */
function createBatch(batch: number): string {
  const events = Array.from({ length: batchEvents }, (_, index) => {
    const id = batch * batchEvents + index
    const visitorId = `visitor ${id}`
    return index % 2 === 0
      ? { n: index + 1, name: 'page_view', visitorId, url: `https://shop.example/${id}` }
      : { n: index + 1, name: `event ${id}`, visitorId, value: index }
  })
  return JSON.stringify({ client: `client ${batch}`, events })
}
