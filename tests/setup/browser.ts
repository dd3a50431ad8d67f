import { requireBrowser } from '../../scripts/browser.ts'
import { runScript } from '../../scripts/run.ts'

/** Runs once before the first browser test: finds or installs a browser and builds the demo pages. */
export default async function setup(): Promise<void> {
  await requireBrowser()
  await runScript('build:demo')
}
