import fc from 'fast-check'
import { selections } from './selections.ts'
import { type TransportName, transportNames } from './transports/index.ts'

/** Number of readers that steps can refer to. */
export const readerCount = 3

/** One random action on a server and its readers. */
export type SwitchingStep =
  /** Sends page views without waiting for them. With `publishes`, each one is followed by its frame. */
  | { do: 'visit'; times: number; publishes: boolean }
  /** Moves a reader to another transport; with `overlaps`, it opens the new connection before it closes the old one. */
  | { do: 'switchTransport'; reader: number; to: TransportName; overlaps: boolean }
  /** Reconnects a reader with a cursor of another epoch, or with one ahead of the server. */
  | { do: 'useInvalidCursor'; reader: number; to: TransportName; reason: 'epoch' | 'future' }
  /** Changes the selection of a reader; with `resumes`, from the reader's last position of that selection. */
  | { do: 'select'; reader: number; selection: number; resumes: boolean }
  /** Waits for a number of event loop iterations, so that some answers and frames arrive. */
  | { do: 'runEventLoop'; times: number }
  /** Waits until all readers have the state of the server. */
  | { do: 'synchronize' }

const anyReader = fc.nat(readerCount - 1)
const anyTransport = fc.constantFrom(...transportNames)

/** Random steps; page views and transport switches are the most frequent. */
export const switchingSteps: fc.Arbitrary<SwitchingStep> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('visit' as const),
      times: fc.integer({ min: 1, max: 4 }),
      publishes: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('switchTransport' as const),
      reader: anyReader,
      to: anyTransport,
      overlaps: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('useInvalidCursor' as const),
      reader: anyReader,
      to: anyTransport,
      reason: fc.constantFrom('epoch' as const, 'future' as const),
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
      do: fc.constant('runEventLoop' as const),
      times: fc.integer({ min: 1, max: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'synchronize' as const }) },
)
