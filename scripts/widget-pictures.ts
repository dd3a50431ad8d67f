import vue from '@vitejs/plugin-vue'
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import type { Page } from 'playwright-core'
import { createServer } from 'vite'
import { launchBrowser } from './browser.ts'
import { requireProgram } from './program.ts'
import { root, run } from './run.ts'

/**
 * Photographs the examples of the widgets' pages, with the same data in every run, into `docs/widgets/images`.
 * `node scripts/widget-pictures.ts TopList` makes one picture.
 */

const folder = join(root, 'docs/widgets/images')
const maxBytes = 60_000

/** Time of the pictures: a Monday afternoon. */
const time = new Date('2026-11-30T14:20:00Z')

/** Longest time until a widget has its data and its final look, in milliseconds. */
const timeoutMs = 20_000

async function photograph(page: Page, url: string, name: string): Promise<number> {
  await page.goto(`${url}?picture=${name}`)
  const picture = page.locator('#picture')
  await picture.locator('[class*="tm-"]').first().waitFor({ timeout: timeoutMs })
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'), undefined, {
    timeout: timeoutMs,
  })
  // A connection shows "Polling" until its stream is verified.
  await page.waitForFunction(
    () => !document.querySelector('[data-tm-state="polling"], [data-tm-state="upgrading"]'),
    undefined,
    { timeout: timeoutMs },
  )
  const selector = await picture.getAttribute('data-click')
  if (selector) await picture.locator(selector).first().click()
  const path = join(folder, `${name}.png`)
  await picture.screenshot({ path, animations: 'disabled' })
  const pngquant = await requireProgram('pngquant')
  if (pngquant) {
    await run([pngquant, '--force', '--skip-if-larger', '--strip', '--output', path, '96', path])
  }
  return statSync(path).size
}

const server = await createServer({
  root: join(root, 'tests/widgets/demo'),
  configFile: false,
  plugins: [vue()],
  server: { fs: { allow: [root] } },
  logLevel: 'warn',
})
await server.listen()
const [url = ''] = server.resolvedUrls?.local ?? []
const browser = await launchBrowser()
const page = await browser.newPage({ deviceScaleFactor: 2, viewport: { width: 1280, height: 900 } })
page.on('pageerror', error => console.error(error.message))
await page.clock.setFixedTime(time)
// Animations read the clock, which stands still.
await page.emulateMedia({ reducedMotion: 'reduce' })
await page.goto(url)
mkdirSync(folder, { recursive: true })

const requested = process.argv.slice(2)
const names = await page.locator('#picture a').allTextContents()
for (const name of requested.length > 0 ? requested : names) {
  const bytes = await photograph(page, url, name)
  console.log(name.padEnd(24), `${(bytes / 1000).toFixed(1)} kB`)
  if (bytes > maxBytes) process.exitCode = 1
}
await browser.close()
await server.close()
