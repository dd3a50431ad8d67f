import { describe, expect, it } from 'vitest'
import { Hono } from 'hono'
import type { RouteEnv } from './context.ts'
import { createScriptRoute } from './script.ts'

/** Mounts the route, and returns a function that requests it. */
function mount(
  load: () => Promise<string>,
): (headers?: Record<string, string>) => Promise<Response> {
  const app = new Hono<RouteEnv>().get('/tidemark.js', createScriptRoute(load))
  return async (headers = {}) => app.request('/tidemark.js', { headers })
}

describe('GET /tidemark.js', () => {
  it('answers with a script that any page may load, and an ETag of its content', async () => {
    const request = mount(() => Promise.resolve('tidemark()'))
    const answer = await request()
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe('tidemark()')
    expect(answer.headers.get('Content-Type')).toBe('text/javascript; charset=utf-8')
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(answer.headers.get('Cross-Origin-Resource-Policy')).toBe('cross-origin')
    expect(answer.headers.get('ETag')).toMatch(/^"[\w-]{22}"$/)
    const other = await mount(() => Promise.resolve('other()'))()
    expect(other.headers.get('ETag')).not.toBe(answer.headers.get('ETag'))
  })

  it('answers 304 when the client has the current version', async () => {
    const request = mount(() => Promise.resolve('tidemark()'))
    const tag = (await request()).headers.get('ETag') ?? ''
    for (const header of [tag, `W/${tag}`, `"other", ${tag}`]) {
      const answer = await request({ 'If-None-Match': header })
      expect(answer.status).toBe(304)
      expect(await answer.text()).toBe('')
    }
  })

  it('reads the file once', async () => {
    let reads = 0
    const request = mount(() => Promise.resolve(String(++reads)))
    await request()
    await request()
    expect(reads).toBe(1)
  })

  it('answers 404 until the tracker is built, and 200 after that', async () => {
    let isBuilt = false
    const request = mount(() =>
      isBuilt ? Promise.resolve('tidemark()') : Promise.reject(new Error('ENOENT: /home/me')),
    )
    const answer = await request()
    expect(answer.status).toBe(404)
    const text = await answer.text()
    expect(text).not.toContain('/home/me')
    expect(text).toContain('Build it with `npx -y pnpm@12 --filter @tidemark/sdk build`.')
    isBuilt = true
    expect((await request()).status).toBe(200)
  })
})
