import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { makeDirectory, startServer } from './server-process.ts'

// Only Linux has a command that gives a running process more room.
const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0

it.skipIf(!hasPrlimit)(
  'disk full: 503 with Retry-After, reads go on, recovers by itself (needs prlimit)',
  async () => {
    const dataDir = makeDirectory()
    const limit = ['prlimit', '--fsize=262144:unlimited']
    const { child, api } = await startServer(dataDir, limit)
    let accepted = 0
    const send = async (): Promise<Response> => {
      const event = { name: 'page_view', n: accepted + 1, title: 'x'.repeat(10_000) }
      const body = JSON.stringify({ client: 'c', events: [event] })
      const answer = await fetch(`${api}/sites/shop/events`, { method: 'POST', body })
      if (answer.status === 202) accepted++
      return answer
    }
    const countViews = async (base: string): Promise<unknown> => {
      const answer = await fetch(`${base}/sites/shop/realtime?channels=pageViews&minutes=60`)
      expect(answer.status).toBe(200)
      return ((await answer.json()) as { pageViews: number }).pageViews
    }

    let answer = await send()
    while (answer.status === 202) answer = await send()
    expect(accepted).toBeGreaterThan(5)
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(answer.status).toBe(503)
      expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0)
      expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
      expect(await answer.json()).toMatchObject({ code: 'log_unavailable' })
      answer = await send()
    }
    // A frame may be due up to 250 ms after the event.
    await expect.poll(() => countViews(api), { timeout: 5000 }).toBe(accepted)
    expect((await fetch(`${api}/health`)).status).toBe(200)

    spawnSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited'])
    expect((await send()).status).toBe(202)
    await expect.poll(() => countViews(api), { timeout: 5000 }).toBe(accepted)
    child.kill('SIGKILL')

    const again = await startServer(dataDir)
    expect(await countViews(again.api)).toBe(accepted)
  },
)
