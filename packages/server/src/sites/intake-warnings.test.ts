import { readFile } from 'node:fs/promises'
import { type EventCode, eventErrors } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import { type OverflowCounts, type OverflowKind, countOverflow } from '../rollup/bounds.ts'
import { createManualClock } from '../testing/clock.ts'
import { createIntakeWarnings } from './intake-warnings.ts'
import { describeWarning, intakeWarningKinds } from './warning-texts.ts'

function setUp() {
  const clock = createManualClock()
  const overflow: OverflowCounts = new Map([['names', 3]])
  const dedupe = { repeated: 2, unnumbered: 1 }
  const warnings = createIntakeWarnings({ state: { dedupe, overflow }, clock })
  return { clock, overflow, dedupe, warnings }
}

describe('intake warnings', () => {
  it('has none at first, whatever the state counted before', () => {
    expect(setUp().warnings.list()).toEqual([])
  })

  it('has one entry for each kind, with count, first and last time, the newest first', () => {
    const { clock, warnings } = setUp()
    const start = clock.now()
    warnings.record('too_old', 2)
    clock.advance(10)
    warnings.record('rate_limited')
    clock.advance(10)
    warnings.record('too_old')
    warnings.record('repeated', 0)
    expect(warnings.list()).toMatchObject([
      { kind: 'too_old', count: 3, firstAt: start, lastAt: start + 20 },
      { kind: 'rate_limited', count: 1, firstAt: start + 10, lastAt: start + 10 },
    ])
  })

  it('has at most as many entries as kinds', () => {
    const { warnings } = setUp()
    for (let round = 0; round < 3; round++) {
      for (const kind of intakeWarningKinds) warnings.record(kind)
    }
    expect(warnings.list().map(({ kind }) => kind)).toEqual(intakeWarningKinds)
  })

  it('counts repeated and unnumbered events of the state from then on', () => {
    const { clock, dedupe, warnings } = setUp()
    dedupe.repeated += 4
    warnings.observe()
    clock.advance(5)
    dedupe.unnumbered += 1
    expect(warnings.list()).toMatchObject([
      { kind: 'unnumbered', count: 1, lastAt: clock.now() },
      { kind: 'repeated', count: 4, lastAt: clock.now() - 5 },
    ])
  })

  it.each<[OverflowKind, string]>([
    ['names', 'names_overflow'],
    ['live_names', 'names_overflow'],
    ['value_names', 'names_overflow'],
    ['visitors', 'tables_overflow'],
    ['clients', 'tables_overflow'],
    ['client_holes', 'tables_overflow'],
    ['sessions', 'tables_overflow'],
    ['goal_visitors', 'tables_overflow'],
  ])('counts an overflow of %s as %s', (kind, expected) => {
    const { overflow, warnings } = setUp()
    countOverflow(overflow, kind, 7)
    expect(warnings.list()).toMatchObject([{ kind: expected, count: 7 }])
  })
})

describe('texts of intake warnings', () => {
  it('covers every code of a rejected event', () => {
    for (const code of Object.keys(eventErrors) as EventCode[]) {
      expect(describeWarning(code, 2).text).toMatch(/^2 events .+, and were rejected\.$/)
    }
  })

  it.each(intakeWarningKinds)('has a singular, a plural and a remedy for %s', kind => {
    const one = describeWarning(kind, 1)
    const many = describeWarning(kind, 1234)
    expect(one.text).toMatch(/^1 (event|request|visitor, client or session) /)
    expect(one.text).not.toMatch(/^1 \w+ (were|had .*,? and were|they)\b/)
    expect(many.text).toMatch(/^1,234 (events|requests|visitors, clients or sessions) /)
    expect(many.text).not.toMatch(/\b(was|it counts)\b/)
    for (const { text, remedy } of [one, many]) {
      for (const sentence of [text, remedy]) expect(sentence).toMatch(/^[A-Z\d].+\.$/)
      // Each is marked up by its backticks.
      expect((text + remedy).split('`').length % 2).toBe(1)
    }
  })

  it('reads as a sentence', () => {
    expect(describeWarning('future_timestamp', 12).text).toBe(
      '12 events had future timestamps, clamped to the arrival time.',
    )
    expect(describeWarning('future_timestamp', 1).text).toBe(
      '1 event had a future timestamp, clamped to the arrival time.',
    )
    expect(describeWarning('too_old', 1).text).toBe(
      '1 event was more than 48 hours old, and was rejected.',
    )
    expect(describeWarning('key_invalid', 2).text).toBe(
      '2 requests had wrong write keys, and were refused.',
    )
  })
})

it('docs/http-api.md: lists each kind of warning', async () => {
  const page = await readFile(new URL('../../../../docs/http-api.md', import.meta.url), 'utf8')
  const [, table = ''] = /\n\| `kind`[^\n]+\n([^]*?)\n\n/.exec(page) ?? []
  const documented = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, kind]) => kind)
  const kinds = new Set<string | undefined>([...documented, ...Object.keys(eventErrors)])
  expect(kinds).toEqual(new Set(intakeWarningKinds))
})
