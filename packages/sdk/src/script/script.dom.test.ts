// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { expectWarning } from '../../../../tests/setup/console.ts'
import { type Sent, recordRequests } from './testing/page.ts'

let sent: Sent

/** Adds a tag that does not run, and returns it. */
function addTag(attributes: Record<string, string>): HTMLScriptElement {
  const tag = document.createElement('script')
  tag.type = 'text/plain'
  for (const [name, value] of Object.entries(attributes)) tag.setAttribute(name, value)
  document.head.append(tag)
  return tag
}

/** Runs the script file. Returns the ids of the sites that it tracks. */
async function runScript(): Promise<string[]> {
  vi.resetModules()
  await import('./script.ts')
  window.dispatchEvent(new Event('pagehide'))
  await new Promise(resolve => setImmediate(resolve))
  // On a slow machine, the view is sent before the page is left.
  return [...new Set(sent.urls.map(url => url.split('/').at(-2) ?? ''))]
}

const quietly = { 'data-heartbeat-interval-ms': '0', 'data-engagement': 'false' }

beforeEach(() => {
  sent = recordRequests()
})

afterEach(() => {
  const { tidemark } = globalThis
  if (tidemark instanceof Object && 'stop' in tidemark && typeof tidemark.stop === 'function')
    Reflect.apply(tidemark.stop, tidemark, [])
  for (const key of Object.keys(globalThis))
    if (key.startsWith('tidemark')) Reflect.deleteProperty(globalThis, key)
  document.head.innerHTML = ''
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

it('Script: uses the tag that is running', async () => {
  addTag({ ...quietly, 'data-site': 'first', 'data-api': '/api' })
  const running = addTag({ ...quietly, 'data-site': 'running', 'data-api': '/api' })
  vi.spyOn(document, 'currentScript', 'get').mockReturnValue(running)
  expect(await runScript()).toEqual(['running'])
})

it('Script: finds its tag by `data-site` where no script is running, as in a module or a loader', async () => {
  vi.spyOn(document, 'currentScript', 'get').mockReturnValue(null)
  addTag({ 'data-other': 'x' })
  addTag({ ...quietly, 'data-site': 'mine', 'data-api': '/api' })
  expect(await runScript()).toEqual(['mine'])
})

it('Script: finds its tag where the script of a loader is running', async () => {
  vi.spyOn(document, 'currentScript', 'get').mockReturnValue(addTag({ src: '/loader.js' }))
  addTag({ ...quietly, 'data-site': 'mine', 'data-api': '/api' })
  expect(await runScript()).toEqual(['mine'])
})

it('Script: prefers the tag whose file has its name to one of another product', async () => {
  vi.spyOn(document, 'currentScript', 'get').mockReturnValue(null)
  addTag({ ...quietly, 'data-site': 'other-product', src: 'https://cdn.example/fathom.js' })
  addTag({ ...quietly, 'data-site': 'mine', src: 'https://stats.example/tidemark.js' })
  expect(await runScript()).toEqual(['mine'])
})

it('Script: warns without a tag', async () => {
  expectWarning(/data-site/)
  expect(await runScript()).toEqual([])
})
