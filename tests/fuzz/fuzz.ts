import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { measureHeapBytes } from './heap.ts'
import { measureLongestTurnMs } from './longest-turn.ts'
import { mutatedText } from './mutated-text.ts'
import type { FuzzTarget } from './fuzz-target.ts'

export interface FuzzResult {
  /** Valid texts that the parser refused. */
  refused: readonly string[]
  /** Longest turn of the event loop, in milliseconds of processor time. */
  longestTurnMs: number
  /** Growth of the heap in the second half, in MiB. */
  growthMiB: number
}

/** Feeds a parser with changed texts. Rejects with the shortest text that gets an answer outside the protocol. */
export async function fuzz({ valid, parse }: FuzzTarget, texts: number): Promise<FuzzResult> {
  const refused: string[] = []
  for (const text of valid) if (!(await parse(text))) refused.push(text)
  const property = fc.asyncProperty(mutatedText(valid), async text => {
    await parse(text)
    await nextTurn()
  })
  const feed = (): Promise<void> => fc.assert(property, { numRuns: Math.ceil(texts / 2) })
  // Code that runs for the first time is compiled, in long turns.
  await feed()
  const before = measureHeapBytes()
  const longestTurnMs = await measureLongestTurnMs(feed)
  return { refused, longestTurnMs, growthMiB: (measureHeapBytes() - before) / 2 ** 20 }
}
