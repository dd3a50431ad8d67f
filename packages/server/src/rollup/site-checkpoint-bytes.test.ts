import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { runToCompletion } from '../shared/cooperative-task.ts'
import { createSiteState } from './site.ts'
import { batch, event, hourMs, start } from './testing/site-state.ts'

/** SHA-256 of the stored bytes of `captureSample`, by kind. */
const fixture = {
  state: '432d640864dd35a6917d04cbf697bab67b2ecbaacf144fb8522f5ff8561ce8b2',
  segments: 'ae2093d49ca884037fc3e997d647a673112e52ef44d537d7d34acf99ec1528fe',
  parts: 'b3be3683bc765a876f25b0a9740d14fbb125d05ec09fe374dc632d6a4300db78',
}

/** Captures a small fixed state with data in each part: visitors, live figures, history and tables. */
function captureSample() {
  const state = createSiteState()
  const at = start + 2 * hourMs
  const known = { source: 'news.example', country: 'FR', device: 'mobile' as const, session: 's' }
  const first = [event({ client: 'c', n: 1, path: '/a', title: 'A', ...known })]
  const second = [
    event({ at, visitor: 'b', client: 'd', n: 1, ...known }),
    event({ at, visitor: 'b', client: 'd', n: 3, name: 'sign_up', goals: ['Joined'] }),
    event({ at, visitor: 'c', name: 'purchase', value: 9.5, campaign: 'spring' }),
    event({ at, visitor: 'd', path: undefined }),
    event({ at, visitor: 'bot', bot: 'Googlebot' }),
  ]
  state.apply(batch(1, first))
  state.apply(batch(2, second, at))
  state.applySignal(event({ at, name: 'leave', visitor: 'c' }), at)
  state.advance(at + 1000)
  return runToCompletion(state.capture())
}

const toHex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex')

const sha256 = (lines: readonly string[]): string =>
  createHash('sha256').update(lines.join('\n')).digest('hex')

it('site checkpoint: has the same bytes as before while `stateVersion` is the same', () => {
  const { state, segments, parts } = captureSample()
  const hashes = {
    state: sha256([toHex(state)]),
    segments: sha256(segments.map(({ table, id, bytes }) => `${table} ${id} ${toHex(bytes)}`)),
    parts: sha256(
      parts.map(each => `${each.tier} ${each.part} ${each.start} ${toHex(each.bytes)}`),
    ),
  }
  expect(
    hashes,
    'The bytes of a site checkpoint have changed, so this server cannot read existing data directories. ' +
      'Increase `stateVersion` in rollup/site-head.ts, then update `fixture` in this test.',
  ).toEqual(fixture)
})
