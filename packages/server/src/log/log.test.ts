import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'
import { type Log, type LogRecord, type StoredRecord, nextEpoch } from './log.ts'
import { createMemoryLog } from './memory.ts'
import { createSqliteLog } from './sqlite.ts'

const now = 1_700_000_000_000

/** Conformance tests for all implementations of a log. */
const logs: { name: string; setUp: () => () => Log }[] = [
  { name: 'memory', setUp: () => () => createMemoryLog({ now }) },
  {
    name: 'sqlite',
    setUp: () => {
      const path = join(makeDirectory(), 'deep', 'down', 'tidemark.db')
      return () => createSqliteLog({ path, now })
    },
  },
]

function record(body: string, site = 'shop'): LogRecord {
  return { site, receivedAt: now, body, decision: '{}' }
}

async function readAll(log: Log, from = 0): Promise<StoredRecord[]> {
  const all: StoredRecord[] = []
  for await (const each of log.read(from)) all.push(each)
  return all
}

describe.each(logs)('$name log', ({ setUp }) => {
  function open(): Log {
    const log = setUp()()
    onTestFinished(() => log.close())
    return log
  }

  it('returns an appended record unchanged', async () => {
    const log = open()
    const odd = {
      site: 'a.b-c_d',
      receivedAt: now + 1,
      body: '{"name":"\u0001 \ud83d\ude00 \u2028 \\u0000 \\ud800","n":1e999}',
      decision: '{"skewMs":-0.5}',
    }
    const offset = await log.append(odd)
    expect(await readAll(log)).toEqual([{ ...odd, offset }])
  })

  it('resolves appends in call order, with increasing offsets', async () => {
    const log = open()
    const resolved: number[] = []
    const offsets = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        log.append(record(String(index))).then(offset => {
          resolved.push(index)
          return offset
        }),
      ),
    )
    expect(resolved).toEqual(Array.from({ length: 20 }, (_, index) => index))
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b))
    expect(new Set(offsets).size).toBe(20)
    expect((await readAll(log)).map(({ body }) => Number(body))).toEqual(resolved)
  })

  it('reads from an offset', async () => {
    const log = open()
    const offsets: number[] = []
    for (let index = 0; index < 5; index++) offsets.push(await log.append(record(String(index))))
    const [, , third = 0] = offsets
    expect((await readAll(log, third)).map(({ body }) => body)).toEqual(['2', '3', '4'])
    expect(await readAll(log, (offsets.at(-1) ?? 0) + 1)).toEqual([])
  })

  it('reads many records', async () => {
    const log = open()
    const count = 1203
    await Promise.all(Array.from({ length: count }, (_, index) => log.append(record(`${index}`))))
    const all = await readAll(log)
    expect(all.map(({ body }) => Number(body))).toEqual(Array.from({ length: count }, (_, i) => i))
  })

  it('trims records before an offset, and continues with larger offsets', async () => {
    const log = open()
    const first = await log.append(record('1'))
    const second = await log.append(record('2'))
    await log.trim(second)
    expect((await readAll(log)).map(({ body }) => body)).toEqual(['2'])
    await log.trim(second + 1)
    expect(await readAll(log)).toEqual([])
    const third = await log.append(record('3'))
    expect(first < second && second < third).toBe(true)
    expect((await readAll(log)).map(({ offset }) => offset)).toEqual([third])
  })

  it('stores the last value of each setting', () => {
    const { settings } = open()
    expect(settings.get('salt')).toBeUndefined()
    expect(settings.get('__proto__')).toBeUndefined()
    settings.set('salt', 'one')
    settings.set('salt', 'two')
    settings.set('__proto__', 'three')
    expect(settings.get('salt')).toBe('two')
    expect(settings.get('__proto__')).toBe('three')
  })

  it('has an epoch that is at least the current time', () => {
    expect(open().epoch).toBeGreaterThanOrEqual(now)
  })

  it('can be closed twice', async () => {
    const log = open()
    await log.close()
    await expect(log.close()).resolves.toBeUndefined()
  })
})

describe('nextEpoch', () => {
  it('is greater than the stored epoch, and at least the current time', () => {
    expect(nextEpoch(0, now)).toBe(now)
    expect(nextEpoch(now, now)).toBe(now + 1)
    expect(nextEpoch(now + 500, now)).toBe(now + 501)
    expect(nextEpoch(7, now + 0.9)).toBe(now)
  })
})
