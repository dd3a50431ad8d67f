import { type Log, type LogRecord, type StoredRecord, nextEpoch } from './log.ts'
import { createMemoryStore } from './memory-store.ts'

/** Creates a log in memory, which ends with the process: for tests, and for trying out a server. */
export function createMemoryLog(options: { now: number }): Log {
  const records: StoredRecord[] = []
  const settings = new Map<string, string>()
  let nextOffset = 1
  return {
    epoch: nextEpoch(0, options.now),
    damage: { lostWrites: 0, isTorn: false },
    settings: {
      get: name => settings.get(name),
      set: (name, value) => void settings.set(name, value),
    },
    store: createMemoryStore(),
    append(record: LogRecord) {
      const offset = nextOffset++
      records.push({ ...record, offset })
      return Promise.resolve(offset)
    },
    async *read(from) {
      for (const record of records) if (record.offset >= from) yield record
    },
    trim(before) {
      const firstRetained = records.findIndex(record => record.offset >= before)
      records.splice(0, firstRetained < 0 ? records.length : firstRetained)
      return Promise.resolve()
    },
    checkFiles: () => [],
    isFailing: false,
    probe: () => Promise.resolve(),
    pending: { bytes: 0, maxBytes: 0 },
    close: () => Promise.resolve(),
  }
}
