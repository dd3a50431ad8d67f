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
 * `pnpm bench`, or `pnpm bench ingest`. Every figure to compare is a ratio to a baseline that ran in
 * turns with it; the absolute ones only say on what machine that was. All together take about half an hour.
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

const wanted = process.argv.slice(2)
const unknown = wanted.find(name => !benches.has(name))
if (unknown !== undefined) {
  console.error(`There is no benchmark ${unknown}; there are ${[...benches.keys()].join(', ')}.`)
  process.exit(2)
}
for (const [name, run] of benches) if (wanted.length === 0 || wanted.includes(name)) await run()
