import type { WindowMinutes } from '@tidemark/protocol'
import type { RankedName } from './ranking.ts'

type RestFlag = { rest?: true }

/**
 * Converts a ranking to rows of the protocol.
 * Returns the same array until `read` returns another one, so that a stream can compare rows by identity.
 */
export function memoizeRows<Row extends object>(
  read: () => readonly RankedName[],
  toRow: (ranked: RankedName) => Row,
): () => (Row & RestFlag)[] {
  let ranking: readonly RankedName[] | undefined
  let rows: (Row & RestFlag)[] = []
  return () => {
    const current = read()
    if (current !== ranking) {
      rows = current.map(each => ({ ...toRow(each), ...(each.rest && { rest: true }) }))
    }
    ranking = current
    return rows
  }
}

/** Does the same as `memoizeRows` for each window separately. */
export function memoizeRowsByWindow<Row extends object>(
  read: (minutes: WindowMinutes) => readonly RankedName[],
  toRow: (ranked: RankedName) => Row,
): (minutes: WindowMinutes) => (Row & RestFlag)[] {
  const readers = new Map<WindowMinutes, () => (Row & RestFlag)[]>()
  return minutes => {
    const reader = readers.get(minutes) ?? memoizeRows(() => read(minutes), toRow)
    readers.set(minutes, reader)
    return reader()
  }
}
