import { type StateAtCursor, applyFrame, applySnapshot, toSelection } from '@tidemark/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Stream, createStream } from '../live/stream.ts'
import { defaultBounds } from '../rollup/bounds.ts'
import { type SiteState, createSiteState } from '../rollup/site.ts'
import { batch, event } from '../rollup/testing/site-state.ts'
import { createManualClock } from '../testing/clock.ts'
import { toLiveSource } from './channels.ts'

const paths = ['/0', '/1', '/2', '/3', '/4', '/5']
const steps = fc.array(
  fc.record({
    visitor: fc.nat(9),
    page: fc.nat(5),
    name: fc.constantFrom('page_view', 'page_view', 'heartbeat', 'leave'),
    afterMs: fc.constantFrom(0, 100, 1000, 9000, 61_000, 299_000),
  }),
  { maxLength: 40 },
)

/** Reads a page and the list, and records the pages at every cursor of a reader. */
function follow(stream: Stream, check: (position: StateAtCursor) => void): void {
  const selection = toSelection(['activePages', 'pageVisitors'], 5, paths)
  if (!selection) throw new Error('The selection is valid.')
  let position = applySnapshot(undefined, JSON.parse(stream.snapshotOf(selection)))
  check(position)
  stream.subscribe(selection, frame => {
    const next = applyFrame(position, frame)
    if (next === 'gap') throw new Error('No frame is missing.')
    position = next
    check(position)
  })
}

it('pageVisitors: equals the rows of a list without a limit, at every cursor', () => {
  fc.assert(
    fc.property(steps, fc.constantFrom(1, 1000), (all, maxListRows) => {
      const clock = createManualClock()
      const create = (rows: number): [SiteState, Stream] => {
        const state = createSiteState({ bounds: { ...defaultBounds, maxListRows: rows } })
        return [state, createStream({ source: toLiveSource(state), epoch: 1, clock })]
      }
      const [limited, stream] = create(maxListRows)
      const [unlimited, whole] = create(1000)
      follow(whole, ({ state }) => {
        const listed = new Map(state.activePages?.map(row => [row.path, row.visitors]))
        for (const row of state.pageVisitors ?? [])
          expect(row.visitors).toBe(listed.get(row.path) ?? 0)
      })
      let last: StateAtCursor | undefined
      follow(stream, position => void (last = position))
      all.forEach(({ visitor, page, name, afterMs }, index) => {
        clock.advance(afterMs)
        const one = event({
          name,
          at: clock.now(),
          visitor: `${visitor}`,
          client: `c${index}`,
          n: 1,
          path: `/${page}`,
        })
        for (const state of [limited, unlimited]) {
          if (name === 'page_view') state.apply(batch(index + 1, [one], clock.now()))
          else state.applySignal(one, clock.now())
        }
        stream.touch()
        whole.touch()
      })
      clock.advance(1000)
      const listed = new Map(unlimited.activePages().map(row => [row.path, row.visitors]))
      const expected = paths.map(path => ({ path, visitors: listed.get(path) ?? 0 }))
      expect(last?.state.pageVisitors).toEqual(expected)
      stream.close()
      whole.close()
    }),
  )
})
