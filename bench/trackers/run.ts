import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import type { Browser } from 'playwright-core'
import { format, resolveConfig } from 'prettier'
import { launchBrowser } from '../../scripts/browser.ts'
import { root, run } from '../../scripts/run.ts'
import { type BuiltTracker, buildTracker, installPeers } from './build.ts'
import { type Results, experiments } from './experiments.ts'
import { type Compared, fillTables, toTables } from './tables.ts'
import { trackers } from './trackers.ts'

/*
 * Compares trackers: `node bench/trackers/run.ts` measures all and writes the tables of docs/comparison-trackers.md;
 * with names, such as `node bench/trackers/run.ts Plausible Umami`, it measures these and prints their tables.
 */

/** Number of experiments at the same time. They mostly wait. */
const maxParallel = 10

const pagePath = join(root, 'docs/comparison-trackers.md')

const selected = process.argv.slice(2)
const unknown = selected.find(name => !trackers.some(tracker => isNamed(tracker.name, name)))
if (unknown !== undefined) {
  console.error(
    `Unknown tracker '${unknown}'. The trackers are ${trackers.map(({ name }) => name).join('; ')}.`,
  )
  process.exit(2)
}

/** Whether a name is that of a tracker, in any configuration. */
function isNamed(tracker: string, name: string): boolean {
  return tracker === name || tracker.startsWith(`${name},`)
}

const wanted = trackers.filter(
  ({ name }) => selected.length === 0 || selected.some(each => isNamed(name, each)),
)

async function compareAll(folder: string, browser: Browser): Promise<Compared[]> {
  const builds: BuiltTracker[] = []
  for (const tracker of wanted) builds.push(await buildTracker(tracker, folder))
  const results = builds.map((): Partial<Results> => ({}))
  const jobs = builds.flatMap((built, index) =>
    Object.entries(experiments).map(([name, experiment]) => async () => {
      // On a busy machine, the browser may not answer in time.
      const result = await experiment(browser, built).catch((error: unknown) => {
        console.error(`${built.tracker.name}: ${name} is repeated after ${String(error)}`)
        return experiment(browser, built)
      })
      console.log(`${built.tracker.name}: ${name} ${JSON.stringify(result)}`)
      Object.assign(results[index] ?? {}, { [name]: result })
    }),
  )
  await runAll(jobs)
  return builds.map((built, index) => ({ built, results: toComplete(results[index] ?? {}) }))
}

/** Runs jobs, some at a time. */
async function runAll(jobs: (() => Promise<void>)[]): Promise<void> {
  const queue = jobs.values()
  const workers = Array.from({ length: maxParallel }, async () => {
    for (const job of queue) await job()
  })
  await Promise.all(workers)
}

function toComplete(results: Partial<Results>): Results {
  const { normal, navigation, closing, outage, crash } = results
  if (!normal || !navigation || !closing || !outage || !crash)
    throw new Error('An experiment has no result.')
  return { normal, navigation, closing, outage, crash }
}

const { code, output } = await run(['npm', 'run', 'build'], join(root, 'packages/sdk'))
if (code !== 0) throw new Error(`The tracker could not be built:\n${output}`)
const folder = await installPeers(wanted)
const browser = await launchBrowser()
try {
  const compared = await compareAll(folder, browser)
  const tables = toTables(compared, browser.version(), new Date())
  if (selected.length > 0) console.log([...tables.values()].join('\n\n'))
  else {
    const filled = fillTables(await readFile(pagePath, 'utf8'), tables)
    const options = await resolveConfig(pagePath)
    await writeFile(pagePath, await format(filled, { ...options, filepath: pagePath }))
  }
} finally {
  await browser.close()
  await rm(folder, { recursive: true, force: true })
}
