import type { Browser, LaunchOptions, Page } from 'puppeteer-core'
import { launch } from 'puppeteer-core'
import { chromiumArgs, requireBrowser } from '../../../scripts/browser.ts'
import { missingProgramReason, requireProgram } from '../../../scripts/program.ts'
import { backgroundFlags } from '../browsers.ts'

export type BrowserKind = 'chromium' | 'firefox'

/** A browser that looks like a person's to the tracker and to the server. Otherwise its events count as a bot's. */
export interface PersonBrowser {
  readonly kind: BrowserKind
  readonly browser: Browser
  /** Opens a tab in front of the others, or in a window of its own, so that it hides no other tab. */
  newPage(type?: 'tab' | 'window'): Promise<Page>
  /** Ends the browser with SIGKILL, as a crash of it does. */
  kill(): Promise<void>
  close(): Promise<void>
}

/** User agent of Chromium without the word "Headless". */
const userAgent =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36'

/** @param userDataDir folder of the profile. @default a temporary one */
export async function openPersonBrowser(
  kind: BrowserKind,
  userDataDir?: string,
): Promise<PersonBrowser> {
  const browser = await launch({
    ...(kind === 'chromium' ? await chromiumOptions() : await firefoxOptions()),
    ...(userDataDir !== undefined && { userDataDir }),
    headless: true,
    defaultViewport: null,
  })
  const child = browser.process()
  return {
    kind,
    browser,
    async newPage(type = 'tab') {
      const page = await browser.newPage({ type })
      if (kind === 'firefox') await page.evaluateOnNewDocument(hideDriver)
      return page
    },
    async kill() {
      if (!child || child.exitCode !== null) return
      const exited = new Promise(resolve => child.once('exit', resolve))
      child.kill('SIGKILL')
      await exited
    },
    close: () => browser.close(),
  }
}

async function chromiumOptions(): Promise<LaunchOptions> {
  return {
    executablePath: await requireBrowser(),
    args: [...chromiumArgs, `--user-agent=${userAgent}`, '--window-size=1280,900'],
    // The tests need the throttling of background tabs.
    ignoreDefaultArgs: backgroundFlags,
  }
}

async function firefoxOptions(): Promise<LaunchOptions> {
  const executablePath = await requireProgram('firefox-esr', 'firefox')
  if (executablePath === undefined) throw new Error(missingProgramReason('firefox-esr'))
  return { browser: 'firefox', executablePath, args: ['--width=1280', '--height=900'] }
}

/** Runs in the page before its scripts. Firefox has no other way to hide the driver. */
function hideDriver(): void {
  Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => false })
}
