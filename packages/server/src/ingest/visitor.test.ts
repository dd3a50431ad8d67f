import { describe, expect, it } from 'vitest'
import { type SaltStore, createVisitorIds } from './visitor.ts'

const dayMs = 86_400_000
const morning = Date.UTC(2026, 2, 10)

function createSettings() {
  const values = new Map<string, string>()
  let isFull = false
  const settings: SaltStore = {
    get: name => values.get(name),
    set(name, value) {
      if (isFull) throw new Error('The disk is full')
      values.set(name, value)
    },
  }
  return { settings, values, fill: (full: boolean) => (isFull = full) }
}

describe('createVisitorIds', () => {
  it('returns the same id all day for the same site, address and User-Agent', () => {
    const idOf = createVisitorIds(createSettings().settings)
    const id = idOf('shop', '192.0.2.1', 'Firefox', morning)
    expect(idOf('shop', '192.0.2.1', 'Firefox', morning + dayMs - 1)).toBe(id)
    expect(id).toMatch(/^~[\w-]{16}$/)
  })

  it('returns another id for another site, address, User-Agent or day', () => {
    const idOf = createVisitorIds(createSettings().settings)
    const ids = [
      idOf('shop', '192.0.2.1', 'Firefox', morning),
      idOf('blog', '192.0.2.1', 'Firefox', morning),
      idOf('shop', '192.0.2.2', 'Firefox', morning),
      idOf('shop', '192.0.2.1', 'Chrome', morning),
      idOf('shop', '192.0.2.1Firefox', '', morning),
      idOf('shop', '', '192.0.2.1Firefox', morning),
      idOf('shop', '192.0.2.1', 'Firefox', morning + dayMs),
    ]
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('keeps ids across a restart on the same day only', () => {
    const { settings } = createSettings()
    const id = createVisitorIds(settings)('shop', '192.0.2.1', 'Firefox', morning)
    const restarted = createVisitorIds(settings)
    expect(restarted('shop', '192.0.2.1', 'Firefox', morning + 1000)).toBe(id)
    const later = createVisitorIds(settings)
    expect(later('shop', '192.0.2.1', 'Firefox', morning + dayMs)).not.toBe(id)
  })

  it('replaces the salt every day, so that old ids cannot be derived again', () => {
    const { settings, values } = createSettings()
    const idOf = createVisitorIds(settings)
    idOf('shop', '192.0.2.1', 'Firefox', morning)
    const [salt] = values.values()
    idOf('shop', '192.0.2.1', 'Firefox', morning + dayMs)
    expect([...values.values()].join()).not.toContain(salt)
    expect(values.size).toBe(1)
  })

  it('contains neither address nor User-Agent', () => {
    const { settings, values } = createSettings()
    const id = createVisitorIds(settings)('shop', '192.0.2.1', 'Firefox', morning)
    expect(id + [...values.values()].join()).not.toMatch(/192|Firefox/)
  })

  it('throws while the salt cannot be stored, and recovers', () => {
    const { settings, fill } = createSettings()
    const idOf = createVisitorIds(settings)
    fill(true)
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(() => idOf('shop', '', '', morning)).toThrow('The disk is full')
    }
    fill(false)
    const id = idOf('shop', '', '', morning)
    expect(createVisitorIds(settings)('shop', '', '', morning)).toBe(id)
  })
})
