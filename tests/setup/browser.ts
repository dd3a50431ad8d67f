import { requireBrowser } from '../../scripts/browser.ts'
import { runScript } from '../../scripts/run.ts'

/** Once, before the first browser test: a browser to run, and pages to open in it. */
export default async function setup(): Promise<void> {
  await requireBrowser()
  await runScript('build:demo')
}
