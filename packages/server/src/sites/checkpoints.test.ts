import { describe, expect, it } from 'vitest'
import { type Capturable, type CheckpointsOptions, createCheckpoints } from './checkpoints.ts'
import { type Log, LogUnavailableError } from '../log/log.ts'
import { createMemoryLog } from '../log/memory.ts'
import { createWriteBehind } from '../log/write-behind.ts'
import { type SiteState, createSiteState } from '../rollup/site.ts'
import type { Tier } from '../rollup/history/tier.ts'
import { type ManualClock, createManualClock } from '../testing/clock.ts'
import { siteEvent } from '../testing/event.ts'

const secondMs = 1000
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** What the log was told, in order. */
type Said =
  | { what: 'commit'; site: string; offset: number; at: number }
  | { what: 'forget'; site: string; tier: string; before: number }
  | { what: 'trim'; before: number }

function createSaid(clock: ManualClock) {
  const memory = createMemoryLog({ now: clock.now() })
  let said: Said[] = []
  let refused: Said['what'] | undefined
  const refuse = (what: Said['what']): void => {
    if (refused === what) throw new LogUnavailableError('No room')
  }
  const log: Log = {
    ...memory,
    store: createWriteBehind({
      ...memory.store,
      async commit(site, checkpoint) {
        refuse('commit')
        said.push({ what: 'commit', site, offset: checkpoint.offset, at: clock.now() })
        await memory.store.commit(site, checkpoint)
      },
      async expire(site, tier, before) {
        refuse('forget')
        said.push({ what: 'forget', site, tier, before })
        await memory.store.expire(site, tier, before)
      },
    }),
    async trim(before) {
      refuse('trim')
      said.push({ what: 'trim', before })
      await memory.trim(before)
    },
  }
  const take = (): Said[] => {
    const taken = said
    said = []
    return taken
  }
  return {
    log,
    takeCommits: () => take().filter(each => each.what === 'commit'),
    takeTrims: () => take().flatMap(each => (each.what === 'trim' ? [each.before] : [])),
    takeForgets: () => take().filter(each => each.what === 'forget'),
    refuse(what: Said['what'] | undefined): void {
      refused = what
    },
  }
}

/** A site that has nothing to keep, and counts how often that was asked for. */
function createFake(closedBefore = { hour: 0, day: 0 }): Capturable & { captures: number } {
  const fake = {
    captures: 0,
    history: { tiers: { closedBefore } },
    advance() {},
    *capture() {
      fake.captures++
      yield
      return { state: new Uint8Array(), segments: [], parts: [], markStored() {} }
    },
  }
  return fake
}

function setUp(options: Pick<CheckpointsOptions, 'checkpointMs' | 'retentionMs'> = {}) {
  const clock = createManualClock()
  const said = createSaid(clock)
  const errors: unknown[] = []
  const onError = (error: unknown): void => void errors.push(error)
  const checkpoints = createCheckpoints({ log: said.log, clock, ...options, onError })
  checkpoints.start()
  return { clock, checkpoints, errors, ...said }
}

describe('a change', () => {
  it('is kept within 30 seconds, with the offset of the last record by then', async () => {
    const { clock, checkpoints, takeCommits } = setUp()
    const started = clock.now()
    checkpoints.add('shop', createFake(), 4)
    expect(checkpoints.savedOffsetOf('shop')).toBe(4)
    checkpoints.markFolded('shop', 5)
    await clock.pass(10 * secondMs)
    checkpoints.markFolded('shop', 9)
    expect(checkpoints.savedOffsetOf('shop')).toBe(4)
    await clock.pass(20 * secondMs)
    const [commit, ...others] = takeCommits()
    expect(others).toEqual([])
    expect(commit).toMatchObject({ site: 'shop', offset: 9 })
    expect(commit?.at).toBeLessThanOrEqual(started + 30 * secondMs)
    expect(checkpoints.savedOffsetOf('shop')).toBe(9)
  })

  it('of a site that always has one is kept at least every 30 seconds, and not each second', async () => {
    const { clock, checkpoints, takeCommits } = setUp()
    checkpoints.add('shop', createFake(), 0)
    for (let second = 1; second <= 600; second++) {
      checkpoints.markFolded('shop', second)
      await clock.pass(secondMs)
    }
    const times = takeCommits().map(({ at }) => at)
    expect(times.length).toBeGreaterThanOrEqual(600 / 30)
    expect(times.length).toBeLessThanOrEqual(600 / 15)
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0))
    expect(Math.max(...gaps)).toBeLessThanOrEqual(30 * secondMs)
  })

  it('is kept once, and nothing is kept when nothing changed', async () => {
    const { clock, checkpoints, takeCommits } = setUp()
    const fake = createFake()
    checkpoints.add('shop', fake, 0)
    checkpoints.add('blog', createFake(), 0)
    checkpoints.markFolded('shop', 1)
    await clock.pass(10 * minuteMs)
    expect(takeCommits().map(({ site }) => site)).toEqual(['shop'])
    expect(fake.captures).toBe(1)
  })

  it('is kept sooner when that is asked for', async () => {
    const { clock, checkpoints, takeCommits } = setUp({ checkpointMs: 200 })
    checkpoints.add('shop', createFake(), 0)
    checkpoints.markFolded('shop', 1)
    await clock.pass(200)
    expect(takeCommits()).toHaveLength(1)
  })

  it('of a site that is removed is not kept', async () => {
    const { clock, checkpoints, takeCommits } = setUp()
    checkpoints.add('shop', createFake(), 0)
    checkpoints.markFolded('shop', 1)
    checkpoints.remove('shop')
    expect(checkpoints.savedOffsetOf('shop')).toBe(0)
    await clock.pass(2 * hourMs)
    expect(takeCommits()).toEqual([])
  })
})

describe('the changes of several sites', () => {
  it.each([16, 30, 300, 1000])('are kept within 30 seconds when %i come at once', async count => {
    const { clock, checkpoints, takeCommits } = setUp()
    for (let n = 1; n <= count; n++) {
      checkpoints.add(`site ${n}`, createFake(), 0)
      checkpoints.markFolded(`site ${n}`, n)
    }
    await clock.pass(30 * secondMs, count)
    expect(takeCommits()).toHaveLength(count)
  })

  it('are each kept within 30 seconds, those that wait longest first and one in a turn', async () => {
    const { clock, checkpoints, takeCommits } = setUp()
    const started = clock.now()
    const sites = Array.from({ length: 15 }, (_, index) => `site ${index}`)
    for (const [index, site] of sites.entries()) {
      checkpoints.add(site, createFake(), 0)
      checkpoints.markFolded(site, index + 1)
    }
    // One that changes again does not go to the end of the line.
    checkpoints.markFolded('site 0', 100)
    await clock.pass(30 * secondMs)
    const commits = takeCommits()
    expect(commits.map(({ site }) => site)).toEqual(sites)
    expect(commits[0]?.offset).toBe(100)
    expect(new Set(commits.map(({ at }) => at)).size).toBe(15)
    expect(Math.max(...commits.map(({ at }) => at))).toBeLessThanOrEqual(started + 30 * secondMs)
  })

  it('that always have one are each kept about every 30 seconds, a few in a turn', async () => {
    const { clock, checkpoints, takeCommits } = setUp()
    const perTurn = 20
    const sites = Array.from({ length: 15 * perTurn }, (_, index) => `site ${index}`)
    for (const site of sites) checkpoints.add(site, createFake(), 0)
    for (let second = 1; second <= 300; second++) {
      for (const site of sites) checkpoints.markFolded(site, second)
      await clock.pass(secondMs, 2 * perTurn)
    }
    const commits = takeCommits()
    for (const [, each] of Map.groupBy(commits, ({ site }) => site)) {
      expect(each.length).toBeGreaterThanOrEqual(4)
    }
    const turns = [...Map.groupBy(commits, ({ at }) => at).values()]
    expect(Math.max(...turns.map(each => each.length))).toBeLessThanOrEqual(perTurn)
  })
})

describe('the log', () => {
  it('is forgotten up to the first record that some site has not kept', async () => {
    const { clock, checkpoints, takeTrims } = setUp()
    checkpoints.add('shop', createFake(), 0)
    checkpoints.add('blog', createFake(), 2)
    checkpoints.add('quiet', createFake(), 0)
    checkpoints.markFolded('shop', 3)
    await clock.pass(10 * secondMs)
    checkpoints.markFolded('blog', 4)
    checkpoints.markFolded('shop', 5)
    await clock.pass(5 * secondMs)
    // `shop` is kept up to 5. `blog` has 4 still to keep, and has kept 2.
    expect(takeTrims()).toEqual([3])
    await clock.pass(10 * secondMs)
    expect(takeTrims()).toEqual([6])
  })

  it('is forgotten up to its end once everything is kept', async () => {
    const { clock, checkpoints, takeTrims } = setUp()
    checkpoints.add('shop', createFake(), 7)
    checkpoints.add('blog', createFake(), 3)
    checkpoints.markFolded('blog', 5)
    await clock.pass(30 * secondMs)
    expect(takeTrims()).toEqual([8])
  })

  it('is not asked to forget when nothing was kept', async () => {
    const { clock, checkpoints, takeTrims } = setUp()
    checkpoints.add('shop', createFake(), 7)
    await clock.pass(10 * minuteMs)
    expect(takeTrims()).toEqual([])
  })
})

it('keeps and forgets nothing before it is started', async () => {
  const clock = createManualClock()
  const { log, takeCommits, takeTrims } = createSaid(clock)
  const checkpoints = createCheckpoints({ log, clock, onError() {} })
  checkpoints.add('shop', createFake(), 0)
  checkpoints.markFolded('shop', 1)
  await clock.pass(10 * minuteMs)
  expect([takeCommits(), takeTrims()]).toEqual([[], []])
})

describe('a full disk', () => {
  it('keeps nothing and forgets nothing, and all is kept when there is room again', async () => {
    const { clock, checkpoints, refuse, log, takeCommits, takeTrims } = setUp()
    const fakes = ['shop', 'blog', 'news'].map((site, index) => {
      const fake = createFake()
      checkpoints.add(site, fake, 0)
      checkpoints.markFolded(site, index + 1)
      return fake
    })
    refuse('commit')
    await clock.pass(2 * minuteMs)
    expect([...log.store.sites()]).toEqual([])
    // Each of them was tried: one that cannot be kept does not hold up the others.
    expect(fakes.every(({ captures }) => captures > 0)).toBe(true)
    expect(takeTrims()).toEqual([])
    refuse(undefined)
    await clock.pass(30 * secondMs)
    expect(
      takeCommits()
        .map(({ site }) => site)
        .toSorted(),
    ).toEqual(['blog', 'news', 'shop'])
  })

  it('that has no room to forget old buckets is asked again', async () => {
    const { clock, checkpoints, refuse, takeForgets, takeTrims } = setUp()
    checkpoints.add('shop', createFake(), 0)
    checkpoints.markFolded('shop', 1)
    refuse('forget')
    await clock.pass(30 * secondMs)
    expect(takeTrims()).toEqual([])
    expect(checkpoints.savedOffsetOf('shop')).toBe(1)
    refuse(undefined)
    await clock.pass(30 * secondMs)
    expect(takeForgets().map(each => each.what === 'forget' && each.tier)).toEqual([
      'minute',
      'hour',
    ])
  })

  it('that has no room to forget the log fails nobody', async () => {
    const { clock, checkpoints, refuse, takeTrims } = setUp()
    checkpoints.add('shop', createFake(), 0)
    checkpoints.markFolded('shop', 1)
    refuse('trim')
    await clock.pass(30 * secondMs)
    await Promise.resolve()
    refuse(undefined)
    checkpoints.markFolded('shop', 2)
    await clock.pass(30 * secondMs)
    expect(takeTrims()).toEqual([3])
  })

  it('is all that is waited for in silence: what is wrong with a site is told, and holds up no other', async () => {
    const { clock, checkpoints, errors, takeCommits } = setUp()
    const broke = new TypeError('It is broken')
    const broken = {
      ...createFake(),
      *capture(): Generator<undefined, never> {
        yield
        throw broke
      },
    }
    checkpoints.add('shop', broken, 0)
    checkpoints.markFolded('shop', 1)
    checkpoints.add('blog', createFake(), 0)
    checkpoints.markFolded('blog', 2)
    await clock.pass(30 * secondMs)
    expect(new Set(errors)).toEqual(new Set([broke]))
    expect(takeCommits().map(({ site }) => site)).toEqual(['blog'])
  })
})

describe('closing', () => {
  it('keeps everything at once and forgets the log, and nothing happens after it', async () => {
    const { clock, checkpoints, takeCommits, takeTrims } = setUp()
    for (const [index, site] of ['shop', 'blog', 'news'].entries()) {
      checkpoints.add(site, createFake(), 0)
      if (site !== 'news') checkpoints.markFolded(site, index + 1)
    }
    await checkpoints.close()
    expect(takeCommits().map(({ site }) => site)).toEqual(['shop', 'blog'])
    expect(clock.pending).toBe(0)
    checkpoints.markFolded('news', 3)
    await clock.pass(2 * hourMs)
    expect(takeCommits()).toEqual([])
    expect(takeTrims()).toEqual([])
  })

  it('forgets the log up to its end', async () => {
    const { checkpoints, takeTrims } = setUp()
    checkpoints.add('shop', createFake(), 0)
    checkpoints.markFolded('shop', 1)
    await checkpoints.close()
    expect(takeTrims()).toEqual([2])
  })

  it('on a full disk ends all the same, and leaves the log as it is', async () => {
    const { clock, checkpoints, refuse, takeTrims } = setUp()
    checkpoints.add('shop', createFake(), 0)
    checkpoints.markFolded('shop', 1)
    refuse('commit')
    await expect(checkpoints.close()).rejects.toThrow(LogUnavailableError)
    expect(takeTrims()).toEqual([])
    expect(clock.pending).toBe(0)
  })
})

describe('old buckets', () => {
  it('are forgotten an hour after two days, and a day after ninety', async () => {
    const { clock, checkpoints, takeForgets } = setUp()
    checkpoints.add('shop', createFake({ hour: Infinity, day: Infinity }), 0)
    checkpoints.markFolded('shop', 1)
    await clock.pass(15 * secondMs)
    const now = clock.now()
    expect(takeForgets()).toEqual([
      { what: 'forget', site: 'shop', tier: 'minute', before: now - 49 * hourMs },
      { what: 'forget', site: 'shop', tier: 'hour', before: now - 91 * dayMs },
    ])
  })

  it('are forgotten after other times where somebody wants others, days too', async () => {
    const retentionMs = { minute: 5 * hourMs, hour: Infinity, day: Infinity }
    const first = setUp({ retentionMs })
    const second = setUp({ retentionMs: { ...retentionMs, hour: 40 * dayMs, day: 365 * dayMs } })
    for (const { clock, checkpoints } of [first, second]) {
      checkpoints.add('shop', createFake({ hour: Infinity, day: Infinity }), 0)
      checkpoints.markFolded('shop', 1)
      await clock.pass(15 * secondMs)
    }
    const now = first.clock.now()
    const minutes = { what: 'forget', site: 'shop', tier: 'minute', before: now - 6 * hourMs }
    expect(first.takeForgets()).toEqual([minutes])
    expect(second.takeForgets()).toEqual([
      minutes,
      { what: 'forget', site: 'shop', tier: 'hour', before: now - 41 * dayMs },
      { what: 'forget', site: 'shop', tier: 'day', before: now - 366 * dayMs },
    ])
  })

  it('are forgotten of a site that nothing happens on, also of one that an import alone has made', async () => {
    const { clock, checkpoints, takeForgets } = setUp()
    checkpoints.add('imported', createFake({ hour: Infinity, day: Infinity }), 0, true)
    checkpoints.add('named', createFake({ hour: Infinity, day: Infinity }), 0)
    checkpoints.add('quiet', createFake({ hour: Infinity, day: Infinity }), 7)
    await clock.pass(61 * minuteMs)
    const sites = takeForgets().map(each => each.what === 'forget' && each.site)
    expect(new Set(sites)).toEqual(new Set(['imported', 'quiet']))
  })

  it('are kept as long as nothing coarser has them', async () => {
    const { clock, checkpoints, takeForgets } = setUp()
    const closedBefore = { hour: clock.now() - 50 * hourMs, day: clock.now() - 92 * dayMs }
    checkpoints.add('shop', createFake(closedBefore), 0)
    checkpoints.markFolded('shop', 1)
    await clock.pass(15 * secondMs)
    expect(takeForgets()).toMatchObject([
      { before: closedBefore.hour },
      { before: closedBefore.day },
    ])
  })
})

describe('a site that nothing happens on', () => {
  function createSite(log: Log): SiteState {
    return createSiteState({
      readStored: (tier, part, from, to) =>
        log.store.read('shop', tier, part, from, to).map(({ start, bytes }) => {
          return { start, part, bytes }
        }),
    })
  }

  function view(state: SiteState, offset: number, at: number): void {
    const event = siteEvent({ at })
    state.apply({ offset, receivedAt: at, events: [event] })
  }

  it('has its hours and days closed within the hour in which they can be, as time passes', async () => {
    const { clock, checkpoints, log } = setUp()
    const state = createSite(log)
    checkpoints.add('shop', state, 0)
    const storedOf = (tier: Tier): number[] =>
      log.store.read('shop', tier, 'totals', 0, 9e15).map(({ start }) => start)
    const at = clock.now()
    view(state, 1, at)
    checkpoints.markFolded('shop', 1)
    await clock.pass(minuteMs)
    expect([storedOf('minute'), storedOf('hour'), storedOf('day')]).toEqual([[at], [], []])
    // An hour can be closed two minutes after its end, and a turn comes within 30 seconds.
    for (let minute = 0; minute < 60 + 60 + 3; minute++) {
      state.advance(clock.now())
      await clock.pass(minuteMs)
    }
    expect([storedOf('hour'), storedOf('day')]).toEqual([[at], []])
    for (let hour = 0; hour < 13; hour++) {
      state.advance(clock.now())
      await clock.pass(hourMs)
    }
    expect(storedOf('day')).toEqual([at - 12 * hourMs])
    for (let hour = 0; hour < 49; hour++) {
      state.advance(clock.now())
      await clock.pass(hourMs)
    }
    expect([storedOf('minute'), storedOf('hour')]).toEqual([[], [at]])
    const [day] = state.history.tiers.totals('day', at - dayMs, at + dayMs)
    expect(day?.start).toBe(at - 12 * hourMs)
  })
})
