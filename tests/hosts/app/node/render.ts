import process from 'node:process'
import { pathToFileURL } from 'node:url'
import type * as Server from './server.ts'

/*
 * Renders the page in Node and prints the HTML of an app with a Pinia and of one without, and the connections that were
 * opened. The process ends by itself only if no timer and no socket is left.
 */

const opened: string[] = []
const refuse = (name: string) =>
  function open(url: unknown): never {
    opened.push(`${name} ${String(url)}`)
    throw new Error(`A server opens no connection: ${name} ${String(url)}.`)
  }
for (const name of ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest']) {
  Object.defineProperty(globalThis, name, { value: refuse(name) })
}

const { render } = (await import(pathToFileURL(process.argv[2] ?? '').href)) as typeof Server
const html = await render({ pinia: true })
const htmlWithoutPinia = await render({ pinia: false })
process.stdout.write(JSON.stringify({ html, htmlWithoutPinia, opened }))
