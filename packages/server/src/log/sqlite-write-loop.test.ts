import { expect, it } from 'vitest'
import type { Block } from './block.ts'
import { type WriterRequest, createWriteLoop } from './sqlite-write-loop.ts'

const block = (count: number): Block => ({ count, bytes: new Uint8Array(new SharedArrayBuffer(0)) })
const checkpoint = { offset: 1, state: Uint8Array.of(), segments: [], parts: [] }

/** Creates a loop. One list of requests arrives with each transaction. */
function setUp(arrivals: readonly WriterRequest[][]) {
  const calls: string[] = []
  const remaining = arrivals.map(each => [...each])
  let arrived = remaining.shift() ?? []
  const record = (call: string): void => {
    calls.push(call)
    arrived = remaining.shift() ?? []
  }
  let trims = 0
  const loop = createWriteLoop({
    transactions: {
      append(blocks) {
        record(`append ${[...blocks].map(({ count }) => count).join(' + ')}`)
        return 10
      },
      commit: site => record(`commit ${site}`),
      expire: site => record(`expire ${site}`),
      markDamaged: () => {},
      trimStep() {
        record('trim')
        return ++trims < 3 ? 'unfinished' : 'done'
      },
      probe: () => {},
      wipe() {
        throw new Error('Another connection reads the database')
      },
    },
    receive: () => arrived.shift(),
    respond: responses =>
      calls.push(
        ...responses.map(each => `${each.id} ${'error' in each ? 'failed' : each.offset}`),
      ),
    onClosed: () => void calls.push('closed'),
  })
  return { loop, calls }
}

const append = (id: number): WriterRequest => ({ id, command: { kind: 'append', block: block(1) } })

it('createWriteLoop: runs other commands while appends keep arriving', () => {
  const commit: WriterRequest = { id: 9, command: { kind: 'commit', site: 'shop', checkpoint } }
  const { loop, calls } = setUp([[commit], [append(2)], [append(3)], [append(4)]])
  loop.handle(append(1))
  expect(calls.slice(0, 4)).toEqual(['append 1', '1 10', 'commit shop', '9 0'])
})

it('createWriteLoop: appends all waiting blocks in one transaction, and responds with the last offset of each', () => {
  const { loop, calls } = setUp([[append(2), append(3)]])
  loop.handle({ id: 1, command: { kind: 'append', block: block(2) } })
  expect(calls).toEqual(['append 2 + 1 + 1', '1 8', '2 9', '3 10'])
})

it('createWriteLoop: runs a long trim in steps between appends, and closes when all is done', () => {
  const { loop, calls } = setUp([[], [append(2)], [], ['close']])
  loop.handle({ id: 1, command: { kind: 'trim', before: 5 } })
  expect(calls).toEqual(['trim', 'append 1', '2 10', 'trim', 'trim', '1 0', 'closed'])
})

it('createWriteLoop: reports a failed command, and continues', () => {
  const { loop, calls } = setUp([[append(2)]])
  loop.handle({ id: 1, command: { kind: 'wipe' } })
  expect(calls).toEqual(['append 1', '2 10', '1 failed'])
})
