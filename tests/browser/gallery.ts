import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { serve } from '@hono/node-server'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { createPages } from '../../playground/server/network/pages.ts'
import { launchBrowser } from '../../scripts/browser.ts'

/** The built gallery in a browser. It needs no server but that of its files. */
export interface Gallery {
  /**
   * Opens the gallery in a page of its own.
   * @param query choices, such as `theme=dark&locale=ar`
   * @param width of the page, in CSS pixels
   */
  open(query: string, width?: number): Promise<GalleryPage>
  close(): Promise<void>
}

export interface GalleryPage {
  readonly page: Page
  /** Messages of the console and errors. */
  readonly messages: readonly string[]
}

const now = '2026-11-22T12:00:00Z'

export async function openGallery(): Promise<Gallery> {
  const folder = fileURLToPath(new URL('../../playground/dist', import.meta.url))
  const server = serve({ fetch: createPages(folder).fetch, port: 0, hostname: '127.0.0.1' })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const browser = await launchBrowser()
  return {
    async open(query, width = 1280) {
      const viewport = { width, height: 900 }
      const context = await browser.newContext({ viewport, timezoneId: 'UTC', locale: 'en' })
      const page = await context.newPage()
      const messages: string[] = []
      page.on('console', message => messages.push(message.text()))
      page.on('pageerror', error => messages.push(error.message))
      await page.goto(`http://127.0.0.1:${port}/gallery?now=${now}&animate=off&${query}`)
      await page.locator('.gallery__section').first().waitFor()
      await page.evaluate(waitUntilQuiet)
      return { page, messages }
    },
    async close() {
      await browser.close()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Runs in the page. Resolves when nothing has changed for 300 ms. */
function waitUntilQuiet(): Promise<void> {
  return new Promise(resolve => {
    let timer = setTimeout(resolve, 300)
    new MutationObserver(() => {
      clearTimeout(timer)
      timer = setTimeout(resolve, 300)
    }).observe(document, { childList: true, subtree: true, attributes: true })
  })
}

/** Returns axe's violations on a page: rule, help text and elements. */
export async function findViolations(page: Page): Promise<string[]> {
  // The page's Content Security Policy refuses a script tag.
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { axe: checker } = globalThis as typeof globalThis & { axe: typeof axe }
    const { violations } = await checker.run(document, { resultTypes: ['violations'] })
    return violations.map(({ id, help, nodes }) => {
      const elements = nodes.map(({ html, failureSummary }) => `${html}\n  ${failureSummary}`)
      return `${id}: ${help} (${nodes.length})\n${elements.slice(0, 3).join('\n')}`
    })
  })
}
