import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import { ValueAggregate } from './value-aggregate.ts'

/**
 * Numeric values of events, by event name. Names beyond `maxNames` are not counted, because a quantile over different
 * quantities is meaningless.
 */
export interface Values {
  readonly rows: ReadonlyMap<string, ValueAggregate>
  /**
   * Adds a value, in order of arrival. Returns false when the name has no row and there is no room for one.
   * @param at time of the event, in milliseconds since 1970
   */
  add(name: string, value: number, at: number): boolean
  /** Adds all values of `from`. At equal times, the values of `from` count as later. */
  merge(from: Values): void
  write(writer: ByteWriter): void
}

export function createValues(maxNames: number): Values {
  return toValues(maxNames, new Map())
}

export function readValues(reader: ByteReader, maxNames: number): Values {
  const rows = new Map<string, ValueAggregate>()
  for (let remaining = reader.uint(); remaining > 0; remaining--) {
    rows.set(reader.text(), ValueAggregate.read(reader))
  }
  return toValues(maxNames, rows)
}

function toValues(maxNames: number, rows: Map<string, ValueAggregate>): Values {
  function rowOf(name: string): ValueAggregate | undefined {
    const existing = rows.get(name)
    if (existing || rows.size >= maxNames) return existing
    const row = new ValueAggregate()
    rows.set(name, row)
    return row
  }

  return {
    rows,
    add(name, value, at) {
      const row = rowOf(name)
      row?.add(value, at)
      return row !== undefined
    },
    merge(from) {
      for (const [name, row] of from.rows) rowOf(name)?.merge(row)
    },
    write(writer) {
      writer.uint(rows.size)
      for (const name of [...rows.keys()].toSorted()) {
        writer.text(name)
        rows.get(name)?.write(writer)
      }
    },
  }
}
