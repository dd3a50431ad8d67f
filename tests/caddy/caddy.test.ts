import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { installTimeoutMs } from '../../scripts/program.ts'
import { caddyProgram, startBehindCaddy } from './behind-caddy.ts'
import { caddyfile } from './caddy.ts'

vi.setConfig({ hookTimeout: installTimeoutMs })

describe.skipIf(caddyProgram === undefined)('Caddy with deploy/Caddyfile', () => {
  it.each(['stats.example.com', 'https://stats.example.com:8443'])('is valid for %s', address => {
    const words = ['validate', '--adapter', 'caddyfile', '--config', caddyfile]
    const env = { ...process.env, TIDEMARK_ADDRESS: address }
    const { status, stdout } = spawnSync(caddyProgram ?? '', words, { env, encoding: 'utf8' })
    expect([status, stdout]).toEqual([0, expect.stringContaining('Valid configuration')])
  })

  it('forwards the addresses of visitors, and none that a client invents', async () => {
    const server = await startBehindCaddy()
    onTestFinished(server.close)
    const body = JSON.stringify({ name: 'page_view', url: 'https://shop.example/' })
    for (const address of ['198.51.100.7', '198.51.100.8']) {
      const headers = { 'X-Forwarded-For': address, 'User-Agent': 'Mozilla/5.0 Firefox/140.0' }
      const answer = await fetch(`${server.siteUrl}/events`, { method: 'POST', body, headers })
      expect(answer.status).toBe(202)
    }
    server.clock.advance(250)
    const answer = await fetch(`${server.siteUrl}/realtime`)
    expect(await answer.json()).toMatchObject({ pageViews: 2, currentVisitors: 1 })
  })

  it('compresses JSON, and never an event stream', async () => {
    const server = await startBehindCaddy()
    onTestFinished(server.close)
    for (let visit = 0; visit < 30; visit++) await server.publish()
    const encodingOf = async (path: string): Promise<string | null> => {
      const abort = new AbortController()
      const headers = { 'Accept-Encoding': 'gzip' }
      const answer = await fetch(`${server.siteUrl}${path}`, { headers, signal: abort.signal })
      abort.abort()
      return answer.headers.get('Content-Encoding')
    }
    expect(await encodingOf('/realtime')).toBe('gzip')
    expect(await encodingOf('/realtime/sse')).toBeNull()
  })
})
