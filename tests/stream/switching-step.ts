import fc from 'fast-check'
import { selections } from './selections.ts'
import { type TransportName, transportNames } from './transports/index.ts'

/** Readers that steps speak of. */
export const readerCount = 3

/** What may happen to a server that publishes, and to some readers of it. */
export type Step =
  /** So many page views at once, for which nobody waits; with the frame that tells of them, or before it. */
  | { do: 'visit'; times: number; isTold: boolean }
  /** A reader goes on by another way: before it leaves the old one, or after. */
  | { do: 'move'; reader: number; to: TransportName; overlaps: boolean }
  /** It comes back with a cursor that is not of this start, or not yet. */
  | { do: 'stray'; reader: number; to: TransportName; by: 'epoch' | 'future' }
  /** It reads something else, from the beginning or from where that was when it last held it. */
  | { do: 'select'; reader: number; selection: number; resumes: boolean }
  /** The loop turns so many times, in which answers and frames may come, or not yet. */
  | { do: 'turn'; times: number }
  /** All that was begun comes to its end. */
  | { do: 'settle' }

const anyReader = fc.nat(readerCount - 1)
const anyTransport = fc.constantFrom(...transportNames)

/** Mostly page views and readers that move. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('visit' as const),
      times: fc.integer({ min: 1, max: 4 }),
      isTold: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      reader: anyReader,
      to: anyTransport,
      overlaps: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('stray' as const),
      reader: anyReader,
      to: anyTransport,
      by: fc.constantFrom('epoch' as const, 'future' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('select' as const),
      reader: anyReader,
      selection: fc.nat(selections.length - 1),
      resumes: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('turn' as const),
      times: fc.integer({ min: 1, max: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'settle' as const }) },
)
