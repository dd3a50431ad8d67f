import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { measureHeapBytes } from '../../packages/server/src/testing/heap.ts'
import { measureLongestTurnMs } from './longest-turn.ts'
import { mutatedText } from './mutated-text.ts'
import type { FuzzTarget } from './fuzz-target.ts'

export interface FuzzResult {
  /** Valid texts that the parser refused. */
  refused: readonly string[]
  /** Longest turn of the event loop, in milliseconds of processor time: the shortest of three for each text. */
  longestTurnMs: number
  /** Growth of the heap in the second half, in MiB. */
  growthMiB: number
}

/** Feeds a parser with changed texts. Rejects with the shortest text that gets an answer outside the protocol. */
export async function fuzz({ valid, parse }: FuzzTarget, texts: number): Promise<FuzzResult> {
  const refused: string[] = []
  for (const text of valid) if (!(await parse(text))) refused.push(text)
  let longestTurnMs = 0
  const property = fc.asyncProperty(mutatedText(valid), async text => {
    // Garbage of other texts may be collected meanwhile.
    const turns: number[] = []
    do {
      await nextTurn()
      turns.push(await measureLongestTurnMs(() => parse(text)))
    } while (turns.length < 3 && Math.min(...turns) > longestTurnMs)
    longestTurnMs = Math.max(longestTurnMs, Math.min(...turns))
  })
  const feed = (): Promise<void> => fc.assert(property, { numRuns: Math.ceil(texts / 2) })
  await feed()
  const before = measureHeapBytes()
  await feed()
  return { refused, longestTurnMs, growthMiB: (measureHeapBytes() - before) / 2 ** 20 }
}
