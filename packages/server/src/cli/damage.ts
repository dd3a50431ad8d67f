import type { Recovery } from '../index.ts'
import { formatCount } from './text.ts'

/** Describes the lost data of an event log in sentences; an empty list when nothing is lost. */
export function describeDamage({
  lostWrites,
  isTorn,
}: Pick<Recovery, 'lostWrites' | 'isTorn'>): string[] {
  const writes = lostWrites === 1 ? 'write is' : 'writes are'
  const lost = `${formatCount(lostWrites)} ${writes} corrupt and skipped: the machine lost power, or its disk is failing.`
  const torn =
    'The last write is incomplete and skipped: the server was killed during the write, or the machine lost power.'
  return [...(lostWrites > 0 ? [lost] : []), ...(isTorn ? [torn] : [])]
}
