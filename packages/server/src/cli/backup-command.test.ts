import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { DatabaseSync } from '../log/node-sqlite.ts'
import { makeDirectory } from '../testing/directory.ts'
import { type TestServer, createTestServer } from '../testing/server.ts'
import { runCli } from './program.ts'

async function run(words: readonly string[], signal = new AbortController().signal) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const code = await runCli(words, { command: 'tidemark', stdin, stdout, stderr, signal })
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
}

/** Starts a server with a data directory, and sends it some page views of two visitors. */
async function startServer(): Promise<TestServer & { directory: string; data: string }> {
  const directory = makeDirectory()
  const data = join(directory, 'data')
  const server = createTestServer({ storage: { dataDir: data } })
  await server.tidemark.scriptTag({ site: 'shop', url: 'https://stats.example' })
  // The server stores the files of the tracker in the background.
  const files = (): string[] => readdirSync(data, { recursive: true }).map(String)
  await expect.poll(() => files().filter(name => name.endsWith('.js'))).toHaveLength(2)
  for (const n of [1, 2, 3]) await server.send(batchOf(n))
  return { ...server, directory, data }
}

const batchOf = (n: number) => ({
  client: 'c',
  visitorId: `visitor ${n % 2}`,
  events: [{ n, name: 'page_view', url: `https://shop.example/${n}` }],
})

const readings = async (server: TestServer): Promise<unknown[]> => {
  const { cursor: _, ...state } = await server.read()
  const metrics = await server.ask('/api/sites/shop/metrics?by=path')
  return [state, await metrics.json()]
}

it('tidemark backup: copies the data of a running server, and tidemark restore brings its figures back', async () => {
  const server = await startServer()
  const { directory, data, clock } = server
  const file = join(directory, 'backup.db')
  const made = await run(['backup', '--data', data, '--to', file])
  expect(made).toMatchObject({ code: 0, err: '' })
  expect(made.out).toMatch(
    /^Backup \S+backup\.db\n {2}[\d.]+ kB, 3 events of 1 site, the last at 2026-03-10T12:00:00Z\n$/,
  )
  const before = await readings(server)
  await server.send(batchOf(4))

  const restored = join(directory, 'restored')
  const { code, out, err } = await run(['restore', '--from', file, '--data', restored])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain('3 events of 1 site')
  expect(out).toContain(`Start the server with: tidemark serve --data ${restored}`)
  expect(out).toContain('Repeat the other options of the server, such as --config.')
  expect(readdirSync(join(restored, 'tracker'))).toEqual(readdirSync(join(data, 'tracker')))
  const second = createTestServer({ storage: { dataDir: restored }, clock })
  expect(await readings(second)).toEqual(before)

  // A new epoch, which sorts after that of the first server.
  const cursors = await Promise.all([server, second].map(each => each.read()))
  const [first = 0, later = 0] = cursors.map(({ cursor }) => Number(String(cursor).split('.')[0]))
  expect(later).toBeGreaterThan(first)
  // The deduplication window survives.
  expect((await second.send(batchOf(3))).status).toBe(202)
  expect(await readings(second)).toEqual(before)
  await second.send(batchOf(4))
  clock.advance(250)
  expect(await second.read('?channels=pageViews')).toMatchObject({ pageViews: 4 })
})

it('tidemark backup: writes into a directory, and keeps the newest files', async () => {
  const { directory, data } = await startServer()
  const to = join(directory, 'backups')
  mkdirSync(to)
  const old = ['tidemark-2026-01-01T03-00-00Z.db', 'tidemark-2026-01-02T03-00-00Z.db', 'notes.txt']
  const left = 'tidemark-2026-01-02T03-00-00Z.db.partial-7'
  for (const name of [...old, left]) writeFileSync(join(to, name), 'x')
  utimesSync(join(to, left), 1, 1)
  const { code, out } = await run(['backup', '--data', data, '--to', to, '--keep', '2', '--json'])
  const { file, deleted, events, bytes } = JSON.parse(out) as Record<string, unknown>
  expect([code, events, deleted]).toEqual([0, 3, [join(to, old[0] ?? '')]])
  expect(bytes).toBe(statSync(String(file)).size)
  expect(readdirSync(to).toSorted()).toEqual([
    ...old.slice(1).toReversed(),
    expect.stringMatching(/^tidemark-2\d{3}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.db$/),
  ])
  expect(statSync(String(file)).mode & 0o077).toBe(0)
  const restored = await run(['restore', '--from', to, '--data', join(directory, 'a/b'), '--json'])
  expect(JSON.parse(restored.out)).toMatchObject({ file, events: 3, sites: 1 })
})

it('tidemark backup: replaces a file only with --force', async () => {
  const { directory, data } = await startServer()
  const file = join(directory, 'backup.db')
  writeFileSync(file, 'something else')
  expect(await run(['backup', '--data', data, '--to', file])).toEqual({
    code: 1,
    out: '',
    err: `tidemark: ${file} exists. Choose another name, or replace the file with --force.\n`,
  })
  expect(readFileSync(file, 'utf8')).toBe('something else')
  expect((await run(['backup', '--data', data, '--to', file, '--force'])).code).toBe(0)
  expect(readdirSync(directory).toSorted()).toEqual(['backup.db', 'data'])
})

it('tidemark backup: refuses a directory without a database, and targets that cannot be written', async () => {
  const { directory, data } = await startServer()
  const empty = await run(['backup', '--data', directory, '--to', join(directory, 'x.db')])
  expect(empty.code).toBe(1)
  expect(empty.err).toContain('has no tidemark.db, so it is not the data directory of a server.')
  expect(empty.err).toContain('A server without a data directory stores nothing')
  const missing = await run(['backup', '--data', data, '--to', join(directory, 'no/such/x.db')])
  expect(missing.code).toBe(1)
  expect(missing.err).toContain('x.db cannot be written: ENOENT')
  expect((await run(['backup', '--data', data, '--to', directory, '--keep', '0'])).code).toBe(2)
  expect((await run(['backup', '--data', data])).code).toBe(2)
})

it('tidemark backup and restore: end with 130 when interrupted, and leave no file', async () => {
  const { directory, data } = await startServer()
  const [file, restored] = [join(directory, 'backup.db'), join(directory, 'restored')]
  const interrupted = await run(['backup', '--data', data, '--to', file], AbortSignal.abort())
  expect(interrupted).toEqual({
    code: 130,
    out: '',
    err: 'tidemark: The backup was interrupted.\n',
  })
  expect(readdirSync(directory)).toEqual(['data'])
  await run(['backup', '--data', data, '--to', file])
  const words = ['restore', '--from', file, '--data', restored]
  expect((await run(words, AbortSignal.abort())).code).toBe(130)
  expect(existsSync(restored)).toBe(false)
})

it('tidemark restore: refuses a directory in use, one with files, and a file that is no backup', async () => {
  const { directory, data, tidemark } = await startServer()
  const file = join(directory, 'backup.db')
  await run(['backup', '--data', data, '--to', file])
  const before = readdirSync(data)
  const inUse = await run(['restore', '--from', file, '--data', data])
  expect(inUse.code).toBe(1)
  expect(inUse.err).toContain(`A server, an import or a restore has ${data} open. Stop it`)
  expect(readdirSync(data)).toEqual(before)
  const names = readdirSync(directory)
  const notEmpty = await run(['restore', '--from', file, '--data', directory])
  expect(notEmpty.err).toContain(`${directory} is not empty. Move its files away`)
  expect(readdirSync(directory)).toEqual(names)
  await tidemark.close()
  expect((await run(['restore', '--from', file, '--data', data])).err).toContain('is not empty.')

  const restored = join(directory, 'restored')
  const log = join(directory, 'access.log')
  writeFileSync(log, 'some text\n'.repeat(1000))
  const cases = [
    [join(data, 'tidemark.db'), 'is not a backup of Tidemark.'],
    [log, 'is damaged'],
    [join(directory, 'none.db'), 'is not a file. Name a backup with --from.'],
    [join(data, 'tracker'), 'has no backup. Name one with --from.'],
  ] as const
  for (const [from, text] of cases) {
    const { code, err } = await run(['restore', '--from', from, '--data', restored])
    expect([code, err]).toEqual([1, expect.stringContaining(text)])
    expect(existsSync(restored)).toBe(false)
  }
})

it('tidemark restore: refuses a backup of another version', async () => {
  const { directory, data } = await startServer()
  const [file, other] = [join(directory, 'backup.db'), join(directory, 'other.db')]
  await run(['backup', '--data', data, '--to', file])
  const change = async (sql: string): Promise<string> => {
    cpSync(file, other)
    const database = new DatabaseSync(other)
    database.exec(sql)
    database.close()
    return (await run(['restore', '--from', other, '--data', join(directory, 'restored')])).err
  }
  expect(await change('PRAGMA user_version = 99')).toContain(
    'it was written by another version of Tidemark (schema version 99;',
  )
  expect(await change("UPDATE setting SET value = '1' WHERE name = 'epoch'")).toContain(
    'is damaged',
  )
})

it('tidemark restore: continues after a killed restore', async () => {
  const { directory, data } = await startServer()
  const [file, restored] = [join(directory, 'backup.db'), join(directory, 'restored')]
  await run(['backup', '--data', data, '--to', file])
  mkdirSync(join(restored, 'tracker'), { recursive: true })
  for (const name of ['tidemark.db.lock', 'tidemark.db.restoring', 'tracker/x.js']) {
    writeFileSync(join(restored, name), '')
  }
  expect((await run(['restore', '--from', file, '--data', restored])).code).toBe(0)
  expect(readdirSync(restored).toSorted()).toEqual(['tidemark.db', 'tidemark.db.lock', 'tracker'])
  expect(existsSync(join(restored, 'tracker/x.js'))).toBe(false)
})

it('tidemark backup: reports damaged buckets, copies them, and refuses a damaged state', async () => {
  const { directory, data, tidemark } = await startServer()
  await tidemark.close()
  const change = (sql: string): void => {
    const database = new DatabaseSync(join(data, 'tidemark.db'))
    database.exec(sql)
    database.close()
  }
  change("UPDATE bucket SET data = x'00' WHERE tier = 'minute' AND part = 'totals'")
  const file = join(directory, 'backup.db')
  const made = await run(['backup', '--data', data, '--to', file])
  expect(made.code).toBe(0)
  expect(made.err).toContain('The data directory is damaged, and so is its backup.')
  const restored = join(directory, 'restored')
  expect((await run(['restore', '--from', file, '--data', restored])).code).toBe(0)
  const { damagedParts } = await createTestServer({ storage: { dataDir: restored } }).tidemark.ready
  expect(damagedParts.length).toBeLessThanOrEqual(1)

  change("UPDATE site SET state = x'00'")
  const refused = await run(['backup', '--data', data, '--to', join(directory, 'second.db')])
  expect(refused.code).toBe(1)
  expect(refused.err).toContain(`The data in ${data} is damaged`)
  expect(existsSync(join(directory, 'second.db'))).toBe(false)
})

it('tidemark restore: refuses a backup with any changed byte of its content', async () => {
  const { directory, data } = await startServer()
  const [file, changed] = [join(directory, 'backup.db'), join(directory, 'changed.db')]
  await run(['backup', '--data', data, '--to', file])
  const bytes = readFileSync(file)
  const original = await restoredContent(file, join(directory, 'original'))
  let refused = 0
  // Unused bytes of pages are 0, and changes of them do not matter.
  const used = [...bytes.keys()].filter(offset => bytes[offset] !== 0)
  for (let index = 0; index < used.length; index += Math.ceil(used.length / 40)) {
    const offset = used[index] ?? 0
    const copy = Buffer.from(bytes)
    copy[offset] = (copy[offset] ?? 0) ^ (1 << (offset % 8))
    writeFileSync(changed, copy)
    const restored = join(directory, `restored ${offset}`)
    const { code, err } = await run(['restore', '--from', changed, '--data', restored])
    if (code === 0) {
      expect(await restoredContent(changed, join(directory, `again ${offset}`))).toEqual(original)
    } else {
      expect(err).toMatch(/is damaged|is not a backup|cannot be restored/)
      expect(existsSync(restored)).toBe(false)
      refused++
    }
  }
  expect(refused).toBeGreaterThan(30)
})

/** Restores a backup, and returns all rows. */
async function restoredContent(file: string, directory: string): Promise<unknown> {
  await run(['restore', '--from', file, '--data', directory])
  const database = new DatabaseSync(join(directory, 'tidemark.db'), { readOnly: true })
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  const content = tables.map(({ name }) => database.prepare(`SELECT * FROM ${String(name)}`).all())
  database.close()
  return content
}

it('tidemark backup: explains that the directory of --to cannot be created', async () => {
  const { directory, data } = await startServer()
  const file = join(directory, 'file')
  writeFileSync(file, '')
  const { code, err } = await run(['backup', '--data', data, '--to', join(file, 'backups/')])
  expect(code).toBe(1)
  expect(err).toContain(`The directory ${join(file, 'backups')} cannot be created`)
  expect(err).toContain('Name another one with --to.')
})
