import { type Browser, launch } from 'puppeteer-core'
import { chromiumArgs, requireBrowser } from '../../scripts/browser.ts'
import { requireProgram, missingProgramReason } from '../../scripts/program.ts'

/*
 * Browsers whose tabs are in the background when another one is in deployment, and whose pages may be kept when they are
 * left, as people's are; with playwright-core every tab of Chromium counts as seen.
 */

/** What the driver switches off and a person's Chromium does to a tab that nobody looks at. */
const backgroundFlags = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
]

/** The size of a window, from its start: not every Firefox lets the driver change the size of a page. */
const windowSize = { width: 1440, height: 1000 }

export async function openChromium(): Promise<Browser> {
  const executablePath = await requireBrowser()
  const args = [...chromiumArgs, `--window-size=${windowSize.width},${windowSize.height}`]
  const options = { executablePath, headless: true, args, defaultViewport: null }
  return launch({ ...options, ignoreDefaultArgs: backgroundFlags })
}

/** Debian has the long-term release, and other systems have `firefox`. */
export async function openFirefox(): Promise<Browser> {
  const executablePath = await requireProgram('firefox-esr', 'firefox')
  if (executablePath === undefined) throw new Error(missingProgramReason('firefox-esr'))
  const args = [`--width=${windowSize.width}`, `--height=${windowSize.height}`]
  return launch({ browser: 'firefox', executablePath, headless: true, args, defaultViewport: null })
}
