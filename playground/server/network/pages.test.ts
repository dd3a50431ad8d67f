import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createPages } from './pages.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-pages-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function build(): void {
  for (const page of ['', 'dashboard', 'gallery', 'checkout']) {
    mkdirSync(join(folder, page), { recursive: true })
    writeFileSync(join(folder, page, 'index.html'), `page ${page}`)
  }
}

it.each([
  ['/', 200, 'page '],
  ['/dashboard', 200, 'page dashboard'],
  ['/gallery', 200, 'page gallery'],
  ['/checkout/thanks', 200, 'page checkout'],
  ['/nothing', 404, 'page '],
])('createPages: answers %s with %i and %j', async (path, status, text) => {
  build()
  const answer = await createPages(folder).request(path)
  expect(answer.status).toBe(status)
  expect(await answer.text()).toBe(text)
})

it('createPages: redirects /dashboard/ to /dashboard', async () => {
  build()
  const answer = await createPages(folder).request('/dashboard/')
  expect(answer.status).toBe(301)
  expect(new URL(answer.headers.get('Location') ?? '', 'http://x').pathname).toBe('/dashboard')
})

it('createPages: names the build command when the pages are not built', async () => {
  const answer = await createPages(folder).request('/')
  expect(answer.status).toBe(503)
  expect(await answer.text()).toContain('pnpm build:demo')
})
