import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type MetricsAnswer, type Tidemark, createTidemark } from '@tidemark/server'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createRandom } from '../testing/random.ts'
import { importHistory } from './import-history.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const hourMs = 3_600_000
const now = Date.UTC(2026, 2, 10, 12, 30)

let folder = ''
let tidemark: Tidemark

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-history-'))
  const dataDir = join(folder, 'data')
  await importHistory({ dataDir, days: 4, now, random: createRandom(1) })
  const clock = { now: () => now, after: () => () => {} }
  tidemark = createTidemark({ storage: { dataDir }, clock })
})

afterAll(async () => {
  await tidemark.close()
  await rm(folder, { recursive: true })
})

async function metrics(query: string): Promise<MetricsAnswer> {
  const url = `http://127.0.0.1/api/sites/demo/metrics?${query}`
  return (await (await tidemark.fetch(new Request(url))).json()) as MetricsAnswer
}

describe('importHistory', () => {
  it('fills each hour until an hour ago', async () => {
    const { buckets } = await metrics(`granularity=hour&from=${now - 100 * hourMs}&to=${now}`)
    const filled = buckets.filter(({ pageViews }) => pageViews > 0).map(({ at }) => at)
    const first = Date.UTC(2026, 2, 6, 11)
    expect(filled).toEqual(Array.from({ length: 97 }, (_, hour) => first + hour * hourMs))
    const minutes = await metrics(`from=${now - 3 * hourMs}&to=${now}`)
    const last = minutes.buckets.findLast(({ events }) => events > 0)
    expect(last?.at).toBeLessThan(now - hourMs)
    expect(minutes.buckets.filter(({ events }) => events > 0).length).toBeGreaterThan(110)
  })

  it('does not thin out toward its end', async () => {
    const end = now - hourMs
    const { buckets } = await metrics(`from=${end - hourMs}&to=${end}`)
    const views = buckets.map(({ pageViews }) => pageViews)
    const sum = (part: readonly number[]): number => part.reduce((all, each) => all + each, 0)
    expect(sum(views.slice(30))).toBeGreaterThan(0.8 * sum(views.slice(0, 30)))
  })

  it.each([
    ['country', 10],
    ['referrer', 8],
    ['device', 3],
    ['goal', 2],
    ['value', 3],
    ['path', 15],
    ['channel', 7],
    ['campaign', 2],
    ['entryPage', 5],
    ['exitPage', 5],
    ['screen', 4],
    ['language', 5],
    ['bot', 4],
    ['search', 3],
    ['notFound', 2],
    ['property', 3],
  ])('has rows by %s', async (by, count) => {
    const { rows } = await metrics(`granularity=day&by=${by}`)
    expect(rows?.length).toBeGreaterThanOrEqual(count)
  })

  it('has downloads and outbound clicks', async () => {
    const { rows } = await metrics('granularity=day&by=name')
    const names = rows?.flatMap(row => ('name' in row ? [row.name] : []))
    expect(names).toEqual(expect.arrayContaining(['download', 'outbound', 'response_time']))
  })

  it('leaves an existing data directory unchanged', async () => {
    const dataDir = join(folder, 'existing')
    await importHistory({ dataDir, days: 0, now, random: createRandom(1) })
    await expect(readdir(dataDir)).rejects.toThrow('ENOENT')
    const parent = join(folder, 'data')
    await writeFile(join(parent, 'file'), '')
    const before = await readdir(parent)
    await importHistory({ dataDir: parent, days: 1, now, random: createRandom(1) })
    expect(await readdir(parent)).toEqual(before)
  })
})
