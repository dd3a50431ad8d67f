import { benchCrowd } from './crowd.ts'
import { benchDom } from './dom.ts'
import { benchFanout } from './fanout.ts'
import { benchGrowth } from './growth.ts'
import { benchIdle } from './idle.ts'
import { benchImport } from './import.ts'
import { benchIngest } from './ingest.ts'
import { benchLatency } from './latency.ts'
import { benchMemory } from './memory.ts'
import { benchRecovery } from './recovery.ts'
import { benchStorm } from './storm.ts'

/*
 * `pnpm bench` runs all benchmarks, `pnpm bench ingest` runs one. Comparable figures are ratios to a baseline that
 * alternates with the measurement; absolute figures describe the machine. All benchmarks take about half an hour.
 */

const benches = new Map([
  ['ingest', benchIngest],
  ['fanout', benchFanout],
  ['crowd', benchCrowd],
  ['idle', benchIdle],
  ['storm', benchStorm],
  ['latency', benchLatency],
  ['dom', benchDom],
  ['growth', benchGrowth],
  ['recovery', benchRecovery],
  ['memory', benchMemory],
  ['import', benchImport],
])

const selected = process.argv.slice(2)
const unknown = selected.find(name => !benches.has(name))
if (unknown !== undefined) {
  console.error(
    `Unknown benchmark '${unknown}'. The benchmarks are ${[...benches.keys()].join(', ')}.`,
  )
  process.exit(2)
}
for (const [name, run] of benches) if (selected.length === 0 || selected.includes(name)) await run()
