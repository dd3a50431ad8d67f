import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { type Browser, type LaunchOptions, chromium } from 'playwright-core'
import { findProgram, installPackages, succeeds } from './program.ts'

/**
 * The Chromium that tests and screenshots run in. A machine that has none gets one: a test that needs a
 * browser is never skipped. `node scripts/browser.ts` prints where it is.
 */

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

const usualPlaces = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ...['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].map(name =>
    join(process.env[name] ?? 'C:\\', 'Google\\Chrome\\Application\\chrome.exe'),
  ),
]

/**
 * Where a Chromium is: `TIDEMARK_BROWSER`, else the first found on the PATH, in the usual places of
 * macOS and Windows, or in Playwright's own folder.
 * @throws {Error} when `TIDEMARK_BROWSER` names nothing
 */
export function findBrowser(): string | undefined {
  const named = process.env['TIDEMARK_BROWSER']
  if (named && !existsSync(named)) throw new Error(`TIDEMARK_BROWSER: there is no ${named}.`)
  if (named) return named
  return findProgram(names) ?? usualPlaces.find(path => existsSync(path)) ?? findPlaywrights()
}

function findPlaywrights(): string | undefined {
  try {
    const path = chromium.executablePath()
    return existsSync(path) ? path : undefined
  } catch {
    // Playwright has no Chromium for this platform; there may still be one to install.
    return undefined
  }
}

/** What to try, in this order. */
const installers: (() => Promise<boolean>)[] = [
  () => installPackages('chromium', 'fonts-liberation'),
  () => succeeds('chromium', ['npx', 'playwright-core', 'install', 'chromium']),
]

/** As `findBrowser`, but installs one when there is none. */
export async function requireBrowser(): Promise<string> {
  const found = findBrowser()
  if (found) return found
  for (const install of installers) {
    const path = (await install()) ? findBrowser() : undefined
    if (path) return path
  }
  throw new Error(
    'The tests need Chromium, and it could not be installed here. Install Chromium or Google Chrome, ' +
      'or set TIDEMARK_BROWSER to the path of one, and run this again.',
  )
}

/** Quiet on the network, and in containers too, where its sandbox cannot start. */
export const chromiumArgs: readonly string[] = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  // Without it the browser tells the tracker that it is no person's.
  '--disable-blink-features=AutomationControlled',
]

/** Starts it headless. */
export async function launchBrowser(options: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: await requireBrowser(),
    headless: true,
    ...options,
    args: [...chromiumArgs, ...(options.args ?? [])],
  })
}

if (import.meta.main) process.stdout.write(`${await requireBrowser()}\n`)
