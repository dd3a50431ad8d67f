import { type Browser, launch } from 'puppeteer-core'
import { chromiumArgs, requireBrowser } from '../../scripts/browser.ts'
import { requireProgram, missingProgramReason } from '../../scripts/program.ts'

/*
 * Browsers with real background tabs and a back/forward cache. playwright-core cannot provide them: it makes every tab
 * of Chromium visible.
 */

/** Driver flags that disable the throttling of background tabs. These tests need the throttling. */
export const backgroundFlags = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
]

/** Window size at launch. Some versions of Firefox do not let the driver resize a page later. */
const windowSize = { width: 1440, height: 1000 }

/** Starts Chromium with throttled background tabs. */
export async function openChromium(): Promise<Browser> {
  const executablePath = await requireBrowser()
  const args = [...chromiumArgs, `--window-size=${windowSize.width},${windowSize.height}`]
  const options = { executablePath, headless: true, args, defaultViewport: null }
  return launch({ ...options, ignoreDefaultArgs: backgroundFlags })
}

/** Starts Firefox: `firefox-esr` as on Debian, or `firefox`. */
export async function openFirefox(): Promise<Browser> {
  const executablePath = await requireProgram('firefox-esr', 'firefox')
  if (executablePath === undefined) throw new Error(missingProgramReason('firefox-esr'))
  const args = [`--width=${windowSize.width}`, `--height=${windowSize.height}`]
  return launch({ browser: 'firefox', executablePath, headless: true, args, defaultViewport: null })
}
