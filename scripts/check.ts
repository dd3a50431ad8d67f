import { availableParallelism } from 'node:os'
import process from 'node:process'
import { pnpm, run } from './run.ts'

/**
 * Runs every check of the workspace that is not a test. It prints one line per check, then the output of the failed
 * checks. `pnpm check lint types:sdk` runs only these two.
 */

interface Check {
  readonly name: string
  /** Commands that run in this order until one fails. */
  readonly commands: readonly (readonly string[])[]
}

const script = (name: string): Check => ({
  name,
  commands: [['node', `scripts/check-${name}.ts`]],
})

const types = (name: string, project: string): Check => ({
  name: `types:${name}`,
  commands: [['vue-tsc', '--noEmit', '-p', project]],
})

/** Slowest checks first, so that the last one to finish is a short one. */
const checks: readonly Check[] = [
  { name: 'packages', commands: [pnpm('run', 'build'), ['node', 'scripts/check-packages.ts']] },
  { name: 'lint', commands: [['oxlint']] },
  script('sizes'),
  types('server', 'packages/server'),
  types('widgets', 'packages/widgets'),
  types('playground', 'playground'),
  types('tests', 'tests'),
  // Includes the unit tests of protocol, sdk and server.
  types('root', '.'),
  types('sdk', 'packages/sdk'),
  types('bench', 'bench'),
  types('protocol', 'packages/protocol'),
  { name: 'widget docs', commands: [['node', 'scripts/widget-docs.ts', '--check']] },
  { name: 'format', commands: [['prettier', '--check', '.']] },
  script('imports'),
  script('links'),
]

interface Verdict {
  readonly name: string
  readonly passed: boolean
  readonly output: string
}

const secondsSince = (startMs: number): string =>
  `${((performance.now() - startMs) / 1000).toFixed(1)} s`

async function perform({ name, commands }: Check): Promise<Verdict> {
  const startMs = performance.now()
  let passed = true
  let output = ''
  for (const command of commands) {
    const finished = await run(command)
    output += finished.output
    passed = finished.code === 0
    if (!passed) break
  }
  console.log(passed ? 'ok  ' : 'FAIL', name.padEnd(18), secondsSince(startMs).padStart(7))
  return { name, passed, output }
}

/** Runs as many checks at a time as there are cores. */
async function performAll(selected: readonly Check[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  const queue = selected.values()
  const work = async (): Promise<void> => {
    for (const check of queue) verdicts.push(await perform(check))
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return verdicts
}

const names = process.argv.slice(2)
const unknown = names.filter(name => !checks.some(check => check.name === name))
if (unknown.length > 0) {
  console.error(`Unknown check: ${unknown.join(', ')}. The checks are:`)
  console.error(checks.map(({ name }) => name).join('\n'))
  process.exit(2)
}

const startMs = performance.now()
const verdicts = await performAll(
  names.length > 0 ? checks.filter(({ name }) => names.includes(name)) : checks,
)
const failed = verdicts.filter(({ passed }) => !passed)
for (const { name, output } of failed) console.log(`\n--- ${name}\n\n${output.trimEnd()}`)
const count = failed.length === 0 ? 'all passed' : `${failed.length} failed`
console.log(`\n${verdicts.length} checks in ${secondsSince(startMs)}: ${count}`)
process.exitCode = failed.length === 0 ? 0 : 1
