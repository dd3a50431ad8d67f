import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { type Browser, type LaunchOptions, chromium } from 'playwright-core'
import { findProgram, installPackages, succeeds } from './program.ts'

/**
 * Finds, or installs, the Chromium for tests and screenshots. A test that needs a browser is never skipped.
 * `node scripts/browser.ts` prints the path of the executable.
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
 * Returns the path of a Chromium: `TIDEMARK_BROWSER`, else the first one found on the PATH, in the usual places of
 * macOS and Windows, or in Playwright's own folder.
 * @throws {Error} when the file named by `TIDEMARK_BROWSER` does not exist
 */
export function findBrowser(): string | undefined {
  const named = process.env['TIDEMARK_BROWSER']
  if (named && !existsSync(named))
    throw new Error(`TIDEMARK_BROWSER: '${named}' does not exist; set it to a Chromium executable.`)
  if (named) return named
  return findProgram(names) ?? usualPlaces.find(path => existsSync(path)) ?? findPlaywrights()
}

function findPlaywrights(): string | undefined {
  try {
    const path = chromium.executablePath()
    return existsSync(path) ? path : undefined
  } catch {
    // Playwright has no Chromium for this platform. A package manager may have one.
    return undefined
  }
}

/** Ways to install Chromium, tried in this order. */
const installers: (() => Promise<boolean>)[] = [
  () => installPackages('chromium', 'fonts-liberation'),
  () => succeeds('chromium', ['npx', 'playwright-core', 'install', 'chromium']),
]

/**
 * Returns the path of a Chromium, like `findBrowser`, and installs one if necessary.
 * @throws {Error} when no Chromium can be installed
 */
export async function requireBrowser(): Promise<string> {
  const found = findBrowser()
  if (found) return found
  for (const install of installers) {
    const path = (await install()) ? findBrowser() : undefined
    if (path) return path
  }
  throw new Error(
    'The tests need Chromium, and installing it failed. Install Chromium or Google Chrome, ' +
      'or set TIDEMARK_BROWSER to the path of an executable, and run the tests again.',
  )
}

/** Arguments that stop background requests, and the sandbox, which cannot start in a container. */
export const chromiumArgs: readonly string[] = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  // Otherwise `navigator.webdriver` is true and the tracker reports the events as automated.
  '--disable-blink-features=AutomationControlled',
]

/** Launches a headless Chromium. */
export async function launchBrowser(options: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: await requireBrowser(),
    headless: true,
    ...options,
    args: [...chromiumArgs, ...(options.args ?? [])],
  })
}

if (import.meta.main) process.stdout.write(`${await requireBrowser()}\n`)
