import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Host, buildTimeoutMs, createHost } from './host.ts'
import { importEntries, moduleEntries, renderOnServer } from './node.ts'
import { packageNames } from './packed-packages.ts'

const app = join(import.meta.dirname, 'app')
const read = (path: string): string => readFileSync(join(app, path), 'utf8')

let host: Host

beforeAll(async () => {
  host = await createHost()
}, buildTimeoutMs)
afterAll(() => host.remove())

/** Returns the tags of components in a template. */
const tagsOf = (source: string): string[] =>
  [...source.matchAll(/<([A-Z]\w+)\b/g)].map(([, name = '']) => name)

/** Name at the start of a text that follows `data-widget="`. */
const nameOf = (text: string): string => text.slice(0, text.indexOf('"'))

it('Packed packages: load in Node, and touch no page', async () => {
  const entries = (await Promise.all(packageNames.map(moduleEntries))).flat()
  const { touched } = await importEntries(host, entries)
  expect(touched).toEqual([])
})

it('Gallery of the host: uses every component, and the app every other export and entry', async () => {
  const entries = await moduleEntries('widgets')
  const { components, others } = await importEntries(host, entries)
  expect(
    new Set(tagsOf(read('Gallery.vue'))),
    'add new components to tests/hosts/app/Gallery.vue',
  ).toEqual(new Set(Object.values(components).flat()))
  const sources = globSync('*.{ts,vue}', { cwd: app }).map(read).join('\n')
  const unused = Object.values(others)
    .flat()
    .filter(name => !new RegExp(`\\b${name}\\b`).test(sources))
  expect(unused, 'add new functions to tests/hosts/app/Functions.vue').toEqual([])
  expect(entries.filter(entry => !sources.includes(`'${entry}'`))).toEqual([])
})

it('Rendering on a server: opens no connection, warns of nothing, and shows that widgets wait', async () => {
  const { html, htmlWithoutPinia, opened } = await renderOnServer(host)
  expect(opened).toEqual([])
  expect(htmlWithoutPinia).toBe(html)
  const widgets = html.split('data-widget="').slice(1)
  const uses = read('Gallery.vue').split('data-widget="').slice(1)
  expect(widgets.map(nameOf)).toEqual(uses.map(nameOf))
  // No number of the server is known yet, so none is in the page.
  const waiting = widgets.filter((_, index) => !/:(data|items|values?)=/.test(uses[index] ?? ''))
  for (const widget of waiting) {
    const text = widget.replaceAll(/^[^>]*>|<[^>]*(>|$)/g, ' ').replace('last 5 minutes', '')
    expect(text, nameOf(widget)).not.toMatch(/\d/)
  }
})
