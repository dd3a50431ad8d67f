import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { launchBrowser } from '../../scripts/browser.ts'
import { buildPage } from './kit/build-page.ts'
import { startScriptedSite } from './kit/scripted-site.ts'

/** Opens a page with a table of ten thousand rows. */
export async function openTable(): Promise<Page> {
  const folder = fileURLToPath(new URL('kit/table-page', import.meta.url))
  const site = await startScriptedSite(await buildPage(folder))
  onTestFinished(site.close)
  const browser = await launchBrowser()
  onTestFinished(() => browser.close())
  const page = await browser.newPage({ viewport: { width: 1000, height: 800 } })
  await page.goto(site.url)
  await page.locator('[data-tm-index="0"]').waitFor()
  return page
}
