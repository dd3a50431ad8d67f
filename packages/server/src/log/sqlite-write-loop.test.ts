import { expect, it } from 'vitest'
import type { Block } from './block.ts'
import { type WriterRequest, createWriteLoop } from './sqlite-write-loop.ts'

const block = (count: number): Block => ({ count, bytes: new Uint8Array(new SharedArrayBuffer(0)) })
const checkpoint = { offset: 1, state: Uint8Array.of(), segments: [], parts: [] }

function setUp(orders: readonly WriterRequest[][]) {
  const said: string[] = []
  const coming = orders.map(each => [...each])
  let next = coming.shift() ?? []
  /** What came while the last thing was written. */
  const come = (what: string): void => {
    said.push(what)
    next = coming.shift() ?? []
  }
  let trims = 0
  const turns = createWriteLoop({
    writes: {
      append(blocks) {
        come(`append ${[...blocks].map(({ count }) => count).join(' + ')}`)
        return 10
      },
      commit: site => come(`commit ${site}`),
      forget: site => come(`forget ${site}`),
      trim() {
        come('trim')
        return ++trims < 3
      },
      wipe() {
        throw new Error('Somebody reads')
      },
    },
    receive: () => next.shift(),
    say: outcomes =>
      said.push(...outcomes.map(each => `${each.id} ${'error' in each ? 'failed' : each.offset}`)),
    end: () => void said.push('end'),
  })
  return { turns, said }
}

const append = (id: number): WriterRequest => ({ id, write: { what: 'append', block: block(1) } })

it('comes to other things while there are always records that wait', () => {
  const commit: WriterRequest = { id: 9, write: { what: 'commit', site: 'shop', checkpoint } }
  const { turns, said } = setUp([[commit], [append(2)], [append(3)], [append(4)]])
  turns.work(append(1))
  expect(said.slice(0, 4)).toEqual(['append 1', '1 10', 'commit shop', '9 0'])
})

it('writes all records that wait at once, and says the last offset of each order', () => {
  const { turns, said } = setUp([[append(2), append(3)]])
  turns.work({ id: 1, write: { what: 'append', block: block(2) } })
  expect(said).toEqual(['append 2 + 1 + 1', '1 8', '2 9', '3 10'])
})

it('does what is long in steps, with records in between, and ends when all is done', () => {
  const { turns, said } = setUp([[], [append(2)], [], ['close']])
  turns.work({ id: 1, write: { what: 'trim', before: 5 } })
  expect(said).toEqual(['trim', 'append 1', '2 10', 'trim', 'trim', '1 0', 'end'])
})

it('says what failed, and goes on', () => {
  const { turns, said } = setUp([[append(2)]])
  turns.work({ id: 1, write: { what: 'wipe' } })
  expect(said).toEqual(['append 1', '2 10', '1 failed'])
})
