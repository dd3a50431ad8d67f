import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import { ValueSketch } from '../sketch/quantiles.ts'

/**
 * Numeric values of events, by event name. Names beyond `maxNames` are not counted, because a quantile over different
 * quantities is meaningless.
 */
export interface Values {
  readonly rows: ReadonlyMap<string, ValueSketch>
  /** Adds a value. Returns false when the name has no row and there is no room for one. */
  add(name: string, value: number): boolean
  merge(from: Values): void
  write(writer: ByteWriter): void
}

export function createValues(maxNames: number): Values {
  return toValues(maxNames, new Map())
}

export function readValues(reader: ByteReader, maxNames: number): Values {
  const rows = new Map<string, ValueSketch>()
  for (let remaining = reader.uint(); remaining > 0; remaining--) {
    rows.set(reader.text(), ValueSketch.read(reader))
  }
  return toValues(maxNames, rows)
}

function toValues(maxNames: number, rows: Map<string, ValueSketch>): Values {
  function rowOf(name: string): ValueSketch | undefined {
    const existing = rows.get(name)
    if (existing || rows.size >= maxNames) return existing
    const row = new ValueSketch()
    rows.set(name, row)
    return row
  }

  return {
    rows,
    add(name, value) {
      const row = rowOf(name)
      row?.add(value)
      return row !== undefined
    },
    merge(from) {
      for (const [name, sketch] of from.rows) rowOf(name)?.merge(sketch)
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
