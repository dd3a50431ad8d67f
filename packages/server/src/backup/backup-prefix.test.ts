import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decide, parseDecision, rebuildEvents } from '../ingest/decide.ts'
import type { StoredRecord } from '../log/log.ts'
import { DatabaseSync } from '../log/node-sqlite.ts'
import { createReadOnlyLog } from '../log/read-only-log.ts'
import { createSqliteLog } from '../log/sqlite.ts'
import { type SiteState, createSiteState } from '../rollup/site.ts'
import { readAll } from '../rollup/testing/site-state.ts'
import { runToCompletion } from '../shared/cooperative-task.ts'
import { createSites } from '../sites/sites.ts'
import { createManualClock } from '../testing/clock.ts'
import { makeDirectory } from '../testing/directory.ts'
import { createBackup } from './create-backup.ts'
import { foldLog } from './figures.ts'
import { restoreBackup } from './restore-backup.ts'
import { senderFacts } from '../testing/sender-facts.ts'

const siteIds = ['shop', 'blog']
const { signal } = new AbortController()
const sender = {
  ...senderFacts({ country: 'FR' }),
  deriveVisitorId: () => 'visitor',
}

/** Starts a server's log and sites with frequent checkpoints, and remembers every stored record. */
async function startSites(dataDir: string) {
  const clock = createManualClock()
  const log = createSqliteLog({ path: join(dataDir, 'tidemark.db'), now: clock.now() })
  const records: StoredRecord[] = []
  const sites = createSites({
    clock,
    checkpointMs: 5,
    log: {
      ...log,
      async append(record) {
        const offset = await log.append(record)
        records.push({ offset, ...record })
        return offset
      },
    },
  })
  await sites.recover()

  async function send(n: number, events: number): Promise<void> {
    const at = clock.now()
    const body = JSON.stringify({
      client: `client ${n % 7}`,
      visitorId: `visitor ${n % 5}`,
      events: Array.from({ length: events }, (_, index) => ({
        ...{ n: n * 100 + index, name: index % 2 ? 'page_view' : `event ${n % 9}`, value: n / 10 },
        ...{ url: `https://shop.example/${n % 11}`, timestamp: at - (n % 4) * 40_000 },
      })),
    })
    const intake = decide(body, sender, at)
    if (typeof intake === 'string') throw new Error(intake)
    const site = siteIds[n % siteIds.length] ?? 'shop'
    const decision = JSON.stringify(intake.decision)
    await sites.accept({ site, receivedAt: at, body, decision }, intake.events)
  }

  return {
    clock,
    records,
    send,
    async close() {
      await sites.close()
      await log.close()
    },
  }
}

/** The states after a prefix of the log, without any storage. */
function foldRecords(records: readonly StoredRecord[]): Map<string, SiteState> {
  const states = new Map<string, SiteState>()
  for (const record of records) {
    const state = states.get(record.site) ?? createSiteState()
    states.set(record.site, state)
    state.apply(toBatch(record))
  }
  return states
}

function toBatch({ offset, receivedAt, body, decision }: StoredRecord) {
  return { offset, receivedAt, ...rebuildEvents(body, parseDecision(decision), receivedAt) }
}

/** Opens a restored directory. `last` is the offset of its last record. */
function openRestored(dataDir: string) {
  const database = new DatabaseSync(join(dataDir, 'tidemark.db'), { readOnly: true })
  const select = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'block'")
  return { database, last: Number(select.get()?.['seq'] ?? 0), log: createReadOnlyLog(database) }
}

it('Backup: restores to the state of a prefix of the log, byte for byte, while events arrive', async () => {
  const batches = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 16, maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(batches, fc.nat(15), async (sizes, before) => {
      const directory = makeDirectory()
      const running = await startSites(join(directory, 'data'))
      const { clock } = running
      const [file, restored] = [join(directory, 'backup.db'), join(directory, 'restored')]
      const options = {
        dataDir: join(directory, 'data'),
        file,
        version: '1',
        now: clock.now(),
        signal,
      }
      let answered = 0
      let backup: Promise<unknown> | undefined
      for (const [round, size] of sizes.entries()) {
        // Time stands still while events are stored: the time of a state is then that of its last record.
        const sent = [1, 2, 3].map(each => running.send(round * 3 + each, size))
        if (round === before) {
          answered = Math.max(0, ...running.records.map(({ offset }) => offset))
          // The writer thread has these events, and stores them during the backup.
          await new Promise(setImmediate)
          backup = createBackup(options)
        }
        await Promise.all(sent)
        clock.advance(7)
      }
      await backup
      await running.close()
      await restoreBackup({ file, dataDir: restored, signal })

      const { database, last, log } = openRestored(restored)
      expect(last).toBeGreaterThanOrEqual(answered)
      const inPrefix = (record: StoredRecord): boolean => record.offset <= last
      const expected = foldRecords(running.records.filter(inPrefix))
      const { states } = await foldLog(log)
      expect(new Set(states.keys())).toEqual(new Set(expected.keys()))
      for (const [site, state] of states) {
        const model = expected.get(site) ?? createSiteState()
        const end = Math.max(clock.now(), model.time, state.time) + 1000
        state.advance(end)
        model.advance(end)
        expect(readAll(state)).toEqual(readAll(model))
        expect(Buffer.from(runToCompletion(state.capture()).state)).toEqual(
          Buffer.from(runToCompletion(model.capture()).state),
        )
      }
      // Repeated events of the prefix count nothing; later ones count.
      for (const record of running.records) {
        const state = states.get(record.site) ?? createSiteState()
        const { events, ...others } = toBatch(record)
        const counted = state.apply({ ...others, offset: 1e6 + record.offset, events })
        expect(counted).toBe(inPrefix(record) ? 0 : events.length)
      }
      database.close()
    }),
    { numRuns: 4 },
  )
})
