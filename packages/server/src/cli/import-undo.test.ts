import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PassThrough } from 'node:stream'
import { beforeEach, describe, expect, it } from 'vitest'
import { createTidemark } from '../index.ts'
import { eraseData } from '../log/sqlite-erase.ts'
import { makeDirectory } from '../testing/directory.ts'
import { runCli } from './program.ts'

let data = ''
let files = 0
beforeEach(() => {
  data = makeDirectory()
})

async function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const { signal } = new AbortController()
  const context = { command: 'tidemark', stdin, stdout, stderr, signal }
  const code = await runCli([...words, '--data', data], context)
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
}

/** Returns a log with page views at some times, each of another visitor. */
function logFile(...times: number[]): string {
  const lines = times.map((time, index) => {
    const [, day, month, year, clock] = new Date(time).toUTCString().split(' ')
    const head = `192.0.2.${index % 250} - - [${day}/${month}/${year}:${clock} +0000]`
    return `${head} "GET /${index % 7} HTTP/1.1" 200 1 "https://news.example/" "Mozilla/5.0 Firefox/127.0"\n`
  })
  const file = join(data, `access-${++files}.log`)
  writeFileSync(file, lines.join(''))
  return file
}

const importLog = (file: string) => run('import', file, '--site', 'shop', '--json')
const undo = () => run('import', '--undo', '--site', 'shop')

const dayMs = 86_400_000
const oldDay = Date.UTC(2015, 4, 17, 10)
const now = Date.now()
const spread = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + Math.floor(((to - from) * i) / count))

/** Returns everything that an import writes, except the overflow counts in the site's state. */
function dump(): unknown {
  const database = new DatabaseSync(join(data, 'tidemark.db'), { readOnly: true })
  const read = (sql: string): unknown => database.prepare(sql).all()
  const all = {
    buckets: read('SELECT tier, part, start, hex(data) AS data FROM bucket ORDER BY 1, 2, 3'),
    segments: read('SELECT name, id, hex(data) AS data FROM segment ORDER BY 1, 2'),
    tally: read('SELECT tier, part, count, minutes FROM tally WHERE count > 0 ORDER BY 1, 2'),
    incomplete: read('SELECT tier, before FROM incomplete ORDER BY 1'),
    replaced: read('SELECT count(*) AS count FROM replaced'),
  }
  database.close()
  return all
}

describe('tidemark import --undo', () => {
  it('takes back the last import, byte by byte, and can import it again', async () => {
    await importLog(logFile(...spread(oldDay, oldDay + 3 * dayMs, 10)))
    expect((await undo()).code).toBe(0)
    const empty = dump()
    await importLog(logFile(...spread(oldDay, oldDay + 3 * dayMs, 20)))
    await importLog(logFile(...spread(now - 3 * dayMs, now - 60_000, 20)))
    const { replaced: _, ...before } = dump() as { replaced: unknown }
    const second = logFile(...spread(oldDay + dayMs, now - 30_000, 60))
    expect((await importLog(second)).code).toBe(0)
    expect(dump()).not.toMatchObject(before)
    const { code, out } = await undo()
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^The last import of shop was taken back: [\d,]+ stored rows are as/,
      ),
    })
    expect(dump()).toMatchObject({ ...before, replaced: [{ count: 0 }] })
    expect(empty).toMatchObject({ buckets: [], tally: [] })
    const again = await importLog(second)
    expect(JSON.parse(again.out)).toMatchObject({ alreadyImportedLines: 0, accepted: 60 })
  })

  it('says so when there is nothing to take back', async () => {
    expect(await undo()).toMatchObject({ code: 1, err: expect.stringContaining('has no data.') })
    await importLog(logFile(oldDay))
    expect((await undo()).code).toBe(0)
    expect(await undo()).toEqual({
      code: 1,
      out: '',
      err: 'tidemark: The site shop has no import to take back.\n',
    })
    const blog = await run('import', '--undo', '--site', 'blog')
    expect(blog.err).toContain('The site blog has no import to take back.')
  })

  it('leaves a state that a server reads, and keeps live events of other times', async () => {
    await importLog(logFile(...spread(oldDay, oldDay + dayMs, 30)))
    const send = createTidemark({ storage: { dataDir: data }, sites: ['shop'] })
    const url = 'http://localhost/api/sites/shop'
    const options = { address: '127.0.0.1' }
    const body = JSON.stringify({
      events: [{ name: 'page_view', url: 'https://shop.example/live' }],
    })
    const sent = await send.fetch(new Request(`${url}/events`, { method: 'POST', body }), options)
    expect(sent.status).toBe(202)
    await send.close()
    expect((await undo()).code).toBe(0)
    const server = createTidemark({ storage: { dataDir: data }, sites: ['shop'] })
    const viewsOf = async (from: number): Promise<number> => {
      const query = `granularity=day&from=${from}&to=${from + 3 * dayMs}`
      const answer = await server.fetch(new Request(`${url}/metrics?${query}`), options)
      return ((await answer.json()) as { totals: { pageViews: number } }).totals.pageViews
    }
    const views = [await viewsOf(oldDay - dayMs), await viewsOf(now - dayMs)]
    await server.close()
    expect(views).toEqual([0, 1])
  })

  it('refuses when later events are in a bucket of the import', async () => {
    await importLog(logFile(oldDay))
    const database = new DatabaseSync(join(data, 'tidemark.db'))
    database.exec("UPDATE bucket SET data = x'0102030405' WHERE tier = 'day' AND part = 'totals'")
    database.close()
    const before = dump()
    const { code, err } = await undo()
    expect({ code, err }).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /Nothing was taken back: .*day 2015-05-17T00:00:00Z.*restore a backup/,
      ),
    })
    expect(dump()).toEqual(before)
  })

  it('refuses when a server has merged imported minutes into an hour', async () => {
    await importLog(logFile(now - 60_000))
    const database = new DatabaseSync(join(data, 'tidemark.db'))
    const minute = "SELECT site, 'hour', part, start / 3600000 * 3600000, data FROM bucket"
    database.exec(
      `INSERT OR IGNORE INTO bucket ${minute} WHERE tier = 'minute' AND part = 'totals'`,
    )
    database.close()
    expect((await undo()).err).toContain('(hour ')
  })

  it('restores no data that was deleted since', async () => {
    await importLog(logFile(oldDay))
    await importLog(logFile(oldDay + 1000))
    const path = join(data, 'tidemark.db')
    eraseData(path, ({ deleteBuckets }) => deleteBuckets('shop', oldDay - dayMs, oldDay + dayMs))
    expect(dump()).toMatchObject({ buckets: [], replaced: [{ count: 0 }] })
    expect((await undo()).err).toContain('has no import to take back.')
  })

  it('takes back an interrupted import together with the run that continued it', async () => {
    const file = logFile(...spread(oldDay, oldDay + 40 * dayMs, 100))
    await importLog(file)
    await undo()
    const before = dump()
    await importLog(file)
    // As after a kill between two commits.
    const database = new DatabaseSync(join(data, 'tidemark.db'))
    database.exec('UPDATE import SET finished = 0')
    database.close()
    writeFileSync(file, `192.0.2.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1\n`, {
      flag: 'a',
    })
    const { out } = await importLog(file)
    expect(JSON.parse(out)).toMatchObject({ alreadyImportedLines: 100, accepted: 1 })
    expect((await undo()).code).toBe(0)
    expect(dump()).toEqual(before)
  })

  it('takes back only what a finished log has grown by', async () => {
    const file = logFile(...spread(oldDay, oldDay + dayMs, 20))
    await importLog(file)
    const { replaced: _, ...before } = dump() as { replaced: unknown }
    writeFileSync(file, `192.0.2.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1\n`, {
      flag: 'a',
    })
    await importLog(file)
    expect((await undo()).code).toBe(0)
    expect(dump()).toMatchObject(before)
  })
})
