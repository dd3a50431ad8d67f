import { existsSync, readFileSync } from 'node:fs'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'

/** A page of a host in Chromium. */
export interface HostPage {
  readonly page: Page
  /** Everything that the page has reported: console messages of any level, errors and failed requests. */
  readonly messages: readonly string[]
}

/** Serves the built pages of a host. */
export interface PageServer {
  readonly url: string
  close(): Promise<void>
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
}

/** @param transform changes the HTML of a page: its name and text go in */
export async function servePages(
  folder: string,
  transform: (name: string, html: string) => string = (_, html) => html,
): Promise<PageServer> {
  const server: Server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const path = join(folder, pathname)
    const type = contentTypes[extname(path)]
    if (type === undefined || !existsSync(path)) {
      response.writeHead(404).end()
      return
    }
    const content = readFileSync(path)
    const isPage = type.startsWith('text/html')
    response.writeHead(200, { 'Content-Type': type })
    response.end(isPage ? transform(pathname.slice(1, -5), content.toString()) : content)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Opens a page in a new browser context and records its console messages and errors. */
export async function openHostPage(browser: Browser, url: string): Promise<HostPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  const page = await context.newPage()
  const messages: string[] = []
  page.on('console', message => messages.push(`console ${message.type()}: ${message.text()}`))
  page.on('pageerror', error => messages.push(`error: ${error.message}`))
  page.on('requestfailed', request => {
    // The page itself gives up requests, for example to a transport that it no longer needs.
    const failure = request.failure()?.errorText ?? ''
    if (failure !== 'net::ERR_ABORTED') messages.push(`request ${request.url()}: ${failure}`)
  })
  await page.goto(url)
  return { page, messages }
}

/** Waits until every widget of a page shows data. */
export async function waitForData(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const widgets = [...document.querySelectorAll('[data-widget]')]
    const waiting = '[aria-busy=true], .tm-skeleton'
    return (
      widgets.length > 0 &&
      widgets.every(widget => !widget.matches(waiting) && !widget.querySelector(waiting))
    )
  })
}
