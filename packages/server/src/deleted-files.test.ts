import { copyFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { ServerWarning } from './shared/server-warning.ts'
import { makeDirectory } from './testing/directory.ts'
import { createTestServer } from './testing/server.ts'

/** Data files that are deleted while the server runs. Windows does not delete open files. */

function setUp() {
  const dataDir = makeDirectory()
  const reported: unknown[] = []
  const onError = (error: unknown): void => void reported.push(error)
  const server = createTestServer({ storage: { dataDir }, onError })
  const send = async (): Promise<number> => (await server.send({ name: 'page_view' })).status
  const ready = async (path = '/api/ready'): Promise<number> => (await server.ask(path)).status
  return { ...server, dataDir, reported, send, ready }
}

describe.skipIf(process.platform === 'win32')('Deleted data files', () => {
  it.each(['tidemark.db', 'tidemark.db-wal', 'tidemark.db-shm', 'tidemark.db.lock'])(
    'make the server refuse events and not ready within a second: %s',
    async name => {
      const { dataDir, reported, send, ready, clock, read } = setUp()
      expect([await send(), await ready()]).toEqual([202, 200])
      rmSync(join(dataDir, name))
      clock.advance(1000)
      expect([await send(), await ready()]).toEqual([503, 503])
      clock.advance(5000)
      expect(reported).toHaveLength(1)
      expect(reported[0]).toBeInstanceOf(ServerWarning)
      expect(String(reported[0])).toContain(`${join(dataDir, name)}. Events are refused`)
      expect(await read()).toMatchObject({ pageViews: 1 })
    },
  )

  it('that a copy replaced make the server refuse events', async () => {
    const { dataDir, send, clock } = setUp()
    const path = join(dataDir, 'tidemark.db')
    copyFileSync(path, `${path}.copy`)
    renameSync(`${path}.copy`, path)
    clock.advance(1000)
    expect(await send()).toBe(503)
  })

  it('that are back in their place are used again', async () => {
    const { dataDir, reported, send, ready, clock } = setUp()
    expect(await send()).toBe(202)
    renameSync(dataDir, `${dataDir}-moved`)
    clock.advance(1000)
    expect([await send(), await ready()]).toEqual([503, 503])
    renameSync(`${dataDir}-moved`, dataDir)
    clock.advance(1000)
    expect([await send(), await ready()]).toEqual([202, 200])
    expect(reported).toHaveLength(2)
  })
})

describe('GET /ready', () => {
  it.each(['/ready', '/api/ready'])('answers at %s', async path => {
    const { ask, tidemark } = createTestServer()
    await tidemark.ready
    const answer = await ask(path)
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ready' }])
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
  })

  it('answers 503 with the reason while the server recovers and closes', async () => {
    const { ask, tidemark } = createTestServer()
    const reasonOf = async (): Promise<unknown> => {
      const answer = await ask('/ready')
      return [answer.status, ((await answer.json()) as { detail: unknown }).detail]
    }
    expect(await reasonOf()).toEqual([503, 'The server reads its log.'])
    await tidemark.ready
    const closing = tidemark.close()
    expect(await reasonOf()).toEqual([503, 'The server is closing.'])
    await closing
  })
})

it.each(['/health', '/healthz', '/api/health', '/api/healthz'])('GET %s: answers', async path => {
  const { ask } = createTestServer()
  expect(await (await ask(path)).json()).toMatchObject({ status: 'ok' })
})
