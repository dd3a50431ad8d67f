import { availableParallelism } from 'node:os'
import process from 'node:process'
import { pnpm, run } from './run.ts'

/**
 * Everything that can be known about the workspace without running its tests: a line for each check as
 * it ends, then all that the failed ones said. `pnpm check lint types:sdk` runs these two alone.
 */

interface Check {
  readonly name: string
  /** Run one after the other, as long as they pass. */
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

/** The longest first, so that none of them is left to end alone. */
const checks: readonly Check[] = [
  { name: 'packages', commands: [pnpm('run', 'build'), ['node', 'scripts/check-packages.ts']] },
  { name: 'lint', commands: [['oxlint']] },
  script('sizes'),
  types('server', 'packages/server'),
  types('widgets', 'packages/widgets'),
  types('playground', 'playground'),
  types('tests', 'tests'),
  // With the unit tests of protocol, sdk and server.
  types('root', '.'),
  types('sdk', 'packages/sdk'),
  types('bench', 'bench'),
  types('protocol', 'packages/protocol'),
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

/** As many at a time as there are cores. */
async function performAll(wanted: readonly Check[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  const waiting = wanted.values()
  const work = async (): Promise<void> => {
    for (const check of waiting) verdicts.push(await perform(check))
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return verdicts
}

const names = process.argv.slice(2)
const unknown = names.filter(name => !checks.some(check => check.name === name))
if (unknown.length > 0) {
  console.error(`No such check: ${unknown.join(', ')}. There are:`)
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
