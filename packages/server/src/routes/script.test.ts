import { describe, expect, it } from 'vitest'
import { createScriptRoute } from './script.ts'

const url = 'http://stats.example/tidemark.js'

describe('the tracker', () => {
  it('is a script that any page may load, with a tag of its content', async () => {
    const route = createScriptRoute(() => Promise.resolve('tidemark()'))
    const answer = await route(new Request(url))
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe('tidemark()')
    expect(answer.headers.get('Content-Type')).toBe('text/javascript; charset=utf-8')
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(answer.headers.get('Cross-Origin-Resource-Policy')).toBe('cross-origin')
    expect(answer.headers.get('ETag')).toMatch(/^"[\w-]{22}"$/)
    const other = await createScriptRoute(() => Promise.resolve('other()'))(new Request(url))
    expect(other.headers.get('ETag')).not.toBe(answer.headers.get('ETag'))
  })

  it('is 304 for who has it', async () => {
    const route = createScriptRoute(() => Promise.resolve('tidemark()'))
    const tag = (await route(new Request(url))).headers.get('ETag') ?? ''
    for (const header of [tag, `W/${tag}`, `"other", ${tag}`]) {
      const answer = await route(new Request(url, { headers: { 'If-None-Match': header } }))
      expect(answer.status).toBe(304)
      expect(await answer.text()).toBe('')
    }
  })

  it('is read once', async () => {
    let reads = 0
    const route = createScriptRoute(() => Promise.resolve(String(++reads)))
    await route(new Request(url))
    await route(new Request(url))
    expect(reads).toBe(1)
  })

  it('is 404 as long as it has not been built, and is found when it has', async () => {
    let isBuilt = false
    const route = createScriptRoute(() =>
      isBuilt ? Promise.resolve('tidemark()') : Promise.reject(new Error('ENOENT: /home/me')),
    )
    const answer = await route(new Request(url))
    expect(answer.status).toBe(404)
    expect(await answer.text()).not.toContain('/home/me')
    isBuilt = true
    expect((await route(new Request(url))).status).toBe(200)
  })
})
