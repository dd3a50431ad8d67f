import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { launchBrowser } from '../../../scripts/browser.ts'
import { buildPage } from '../kit/build-page.ts'

/** The page of three charts in a headless Chromium, at two device pixels per CSS pixel. */
export interface ChartPage {
  readonly page: Page
  /** Returns the color of a chart's canvas, at a share of its width and height from the top left corner. */
  colorAt(chart: string, x: number, y: number): Promise<readonly number[]>
  close(): Promise<void>
}

const origin = 'http://charts.test'

const contentTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  css: 'text/css',
}

export async function openChartPage(width = 800): Promise<ChartPage> {
  const files = await buildPage(fileURLToPath(new URL('page', import.meta.url)))
  const browser = await launchBrowser()
  const context = await browser.newContext({
    viewport: { width, height: 1200 },
    deviceScaleFactor: 2,
    hasTouch: true,
  })
  const page = await context.newPage()
  await page.route(`${origin}/**`, route => {
    const { pathname } = new URL(route.request().url())
    const path = pathname === '/' ? '/index.html' : pathname
    const body = files.get(path)
    const contentType = contentTypes[path.split('.').at(-1) ?? '']
    return route.fulfill(
      body === undefined ? { status: 404 } : { body, ...(contentType && { contentType }) },
    )
  })
  await page.goto(origin)
  await page.locator('canvas').nth(2).waitFor()

  return {
    page,
    colorAt: (chart, x, y) => page.locator(`.${chart} canvas`).evaluate(readColor, { x, y }),
    close: () => browser.close(),
  }
}

/** Runs in the page. */
function readColor(element: Element, { x, y }: { x: number; y: number }): number[] {
  if (!(element instanceof HTMLCanvasElement)) return []
  const { width, height } = element
  const context = element.getContext('2d')
  return [...(context?.getImageData(width * x, height * y, 1, 1).data ?? [])]
}
