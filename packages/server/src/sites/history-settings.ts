import { defaultBounds } from '../rollup/bounds.ts'
import { type RetentionMs, defaultRetentionMs } from '../rollup/history/retention.ts'
import { type Tier, tiers } from '../rollup/history/tier.ts'
import { type BounceRule, bounceRules } from '../rollup/table/visit.ts'
import type { Settings } from '../log/log.ts'
import { HistoryBoundsError } from './history-bounds-error.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

export interface HistorySettings {
  /** Retention of buckets, in milliseconds. */
  readonly retentionMs: RetentionMs
  /** Longest gap between two events of one session, in milliseconds. */
  readonly sessionGapMs: number
  /** Sessions that count as bounces. */
  readonly bounce: BounceRule
}

/** Requested history settings. A missing one keeps its stored value. */
export interface RequestedHistory {
  retentionMs?: Partial<RetentionMs> | undefined
  sessionGapMs?: number | undefined
  bounce?: BounceRule | undefined
}

export const defaultHistory: HistorySettings = {
  retentionMs: defaultRetentionMs,
  sessionGapMs: defaultBounds.sessionGapMs,
  bounce: 'one-event',
}

/** An hour is built from its minutes when it has ended, and a late event is at most two days late. */
const minRetentionMs: RetentionMs = { minute: 2 * hourMs, hour: 2 * dayMs, day: 2 * dayMs }
const minSessionGapMs = 60_000
const maxSessionGapMs = dayMs

const settingName = 'history'

/**
 * Resolves history settings: option, then stored value, then default. Stores them when they have changed.
 * @throws {TypeError} when a setting is invalid
 * @throws {LogUnavailableError} when changed settings cannot be stored
 */
export function resolveHistorySettings(
  settings: Settings,
  requested: RequestedHistory,
): HistorySettings {
  const storedText = settings.get(settingName)
  const stored = storedText === undefined ? defaultHistory : parse(storedText)
  checkTypes(requested)
  const history: HistorySettings = {
    retentionMs: { ...stored.retentionMs, ...definedRetention(requested) },
    sessionGapMs: requested.sessionGapMs ?? stored.sessionGapMs,
    bounce: requested.bounce ?? stored.bounce,
  }
  checkBounds(history)
  const text = serialize(history)
  const isDefault = storedText === undefined && text === serialize(defaultHistory)
  if (text !== storedText && !isDefault) settings.set(settingName, text)
  return history
}

function definedRetention({ retentionMs = {} }: RequestedHistory): Partial<RetentionMs> {
  return Object.fromEntries(Object.entries(retentionMs).filter(([, ms]) => ms !== undefined))
}

/** Checks the types at run time, for callers without TypeScript. */
function checkTypes({ retentionMs = {}, sessionGapMs, bounce }: RequestedHistory): void {
  if (typeof retentionMs !== 'object' || retentionMs === null) {
    throw new TypeError(
      `history.retentionMs: ${String(retentionMs)} is not an object; use one with 'minute', 'hour' and 'day'.`,
    )
  }
  const unknown = Object.keys(retentionMs).find(key => !tiers.some(tier => tier === key))
  if (unknown !== undefined) {
    throw new TypeError(
      `history.retentionMs: '${unknown}' is not a tier; use 'minute', 'hour' or 'day'.`,
    )
  }
  for (const tier of tiers) checkNumber(`history.retentionMs.${tier}`, retentionMs[tier])
  checkNumber('history.sessionGapMs', sessionGapMs)
  if (bounce !== undefined && !bounceRules.includes(bounce)) {
    throw new TypeError(
      `history.bounce: ${JSON.stringify(bounce)} is not a rule; use 'one-event' or 'not-engaged'.`,
    )
  }
}

function checkNumber(name: string, ms: unknown): void {
  if (ms !== undefined && typeof ms !== 'number') {
    throw new TypeError(
      `${name}: ${JSON.stringify(ms)} is not a number; use milliseconds, such as ${dayMs} for a day.`,
    )
  }
}

function checkBounds({ retentionMs, sessionGapMs }: HistorySettings): void {
  if (!(sessionGapMs >= minSessionGapMs && sessionGapMs <= maxSessionGapMs)) {
    throw new HistoryBoundsError({
      ...{ option: 'sessionGapMs', ms: sessionGapMs },
      ...{ minMs: minSessionGapMs, maxMs: maxSessionGapMs },
    })
  }
  let finerTier: Tier | undefined
  for (const tier of tiers) {
    const option = `retentionMs.${tier}` as const
    const ms = retentionMs[tier]
    const minMs = minRetentionMs[tier]
    const finerMs = finerTier === undefined ? 0 : retentionMs[finerTier]
    if (!(ms >= minMs)) throw new HistoryBoundsError({ option, ms, minMs })
    if (ms < finerMs) throw new HistoryBoundsError({ option, ms, minMs: finerMs, finerTier })
    finerTier = tier
  }
}

type SerializedHistory = Record<Tier, number | null> & { sessionGapMs: number; bounce: BounceRule }

function serialize({ retentionMs, sessionGapMs, bounce }: HistorySettings): string {
  // JSON has no infinity.
  const toJson = (tier: Tier): number | null =>
    retentionMs[tier] === Infinity ? null : retentionMs[tier]
  const serialized: SerializedHistory = {
    minute: toJson('minute'),
    hour: toJson('hour'),
    day: toJson('day'),
    sessionGapMs,
    bounce,
  }
  return JSON.stringify(serialized)
}

/** Parses text that `serialize` has written. */
function parse(text: string): HistorySettings {
  const { minute, hour, day, sessionGapMs, bounce } = JSON.parse(text) as SerializedHistory
  return {
    retentionMs: { minute: minute ?? Infinity, hour: hour ?? Infinity, day: day ?? Infinity },
    sessionGapMs,
    bounce,
  }
}
