import type { Recovery } from '../index.ts'
import { formatCount } from './text.ts'

/** What of a log is lost, in sentences; none where nothing is. */
export function describeDamage({
  lostWrites,
  isTorn,
}: Pick<Recovery, 'lostWrites' | 'isTorn'>): string[] {
  const writes = lostWrites === 1 ? 'write of it is' : 'writes of it are'
  const lost = `${formatCount(lostWrites)} ${writes} broken and left out: the machine lost power, or its disk fails.`
  const torn =
    'It ends in the middle of a write, which is left out: the server was killed while it wrote, or the machine lost power.'
  return [...(lostWrites > 0 ? [lost] : []), ...(isTorn ? [torn] : [])]
}
