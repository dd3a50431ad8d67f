import type { Clock } from '../shared/clock.ts'

export interface TokenBucketsOptions {
  /** Tokens that a bucket gains per second, above 0; `Infinity` for no limit. */
  tokensPerSecond: number
  /** Tokens of a full bucket, at least 1. */
  maxTokens: number
  /** Most buckets, a power of two from 8. A bucket takes 20 bytes, which are allocated at once. */
  maxBuckets: number
  /** Seed of the hash of keys, a whole number below 2^32. @default a random one */
  seed?: number
}

/**
 * Token buckets by key, in memory of a fixed size. A key never gets more tokens than those of a full bucket and those
 * of the elapsed time, unless its bucket was evicted. All times are those of `createElapsed`, so that a request that
 * asks several buckets reads the clock once.
 */
export interface TokenBuckets {
  /**
   * Returns the time until a bucket has a number of tokens, in milliseconds; 0 when it has them. For more tokens than a
   * full bucket has, it is the time until the bucket is full.
   */
  waitMs(key: string, tokens: number, nowMs: number): number
  /** Takes tokens, which the bucket has: `waitMs` has returned 0 for them. */
  take(key: string, tokens: number, nowMs: number): void
  /**
   * Lets a bucket wait until it has a number of tokens. Until then, `waitMs` is above 0 for any number. A sender of a
   * large batch would otherwise wait forever for the senders of small ones, and each try costs the server a parse.
   */
  hold(key: string, tokens: number, nowMs: number): void
}

/** Buckets of one set. A key belongs to one set, and takes any place in it. */
const ways = 8

export function createTokenBuckets(options: TokenBucketsOptions): TokenBuckets {
  const { tokensPerSecond, maxTokens, maxBuckets } = options
  const { seed = Math.floor(Math.random() * 2 ** 32) } = options
  if (tokensPerSecond === Infinity) return unlimited
  const msPerToken = 1000 / tokensPerSecond
  const setMask = maxBuckets / ways - 1
  /** Second half of the hash of the key; 0 for a place that was never used. */
  const prints = new Uint32Array(maxBuckets)
  /** Times at which buckets are full again, by the elapsed time. Such a bucket equals a new one. */
  const fullAt = new Float64Array(maxBuckets)
  /** Times until which buckets give nothing. */
  const heldUntil = new Float64Array(maxBuckets)

  /** Returns the place of a key; -1 when it has none. */
  function find(set: number, print: number): number {
    for (let place = set * ways; place < (set + 1) * ways; place += 1) {
      if (prints[place] === print) return place
    }
    return -1
  }

  /** Returns the place of a key. A new key takes that of the fullest bucket of its set, which loses the least. */
  function findOrAdd(set: number, print: number): number {
    const known = find(set, print)
    if (known >= 0) return known
    let fullest = set * ways
    for (let place = fullest + 1; place < (set + 1) * ways; place += 1) {
      if (at(fullAt, place) < at(fullAt, fullest)) fullest = place
    }
    prints[fullest] = print
    fullAt[fullest] = 0
    heldUntil[fullest] = 0
    return fullest
  }

  const locate = createHash(seed)

  return {
    waitMs(key, tokens, nowMs) {
      const { low, high } = locate(key)
      const place = find(low & setMask, high)
      if (place < 0) return 0
      const missing = Math.max(0, maxTokens - tokens) * msPerToken
      return Math.max(0, at(heldUntil, place) - nowMs, at(fullAt, place) - nowMs - missing)
    },
    take(key, tokens, nowMs) {
      const { low, high } = locate(key)
      const place = findOrAdd(low & setMask, high)
      fullAt[place] = Math.max(at(fullAt, place), nowMs) + tokens * msPerToken
    },
    hold(key, tokens, nowMs) {
      const waitMs = this.waitMs(key, tokens, nowMs)
      if (waitMs === 0) return
      const { low, high } = locate(key)
      heldUntil[findOrAdd(low & setMask, high)] = nowMs + waitMs
    },
  }
}

const unlimited: TokenBuckets = { waitMs: () => 0, take() {}, hold() {} }

function at(values: Float64Array, place: number): number {
  return values[place] ?? 0
}

/**
 * Returns a function for the elapsed time, in milliseconds from 1. A clock that jumps back stops it for one reading, so
 * that no bucket waits for a time that lies far ahead.
 */
export function createElapsed(clock: Clock): () => number {
  let last = clock.now()
  let elapsedMs = 1
  return () => {
    const now = clock.now()
    if (now > last) elapsedMs += now - last
    last = now
    return elapsedMs
  }
}

/**
 * Creates a hash function of 64 bits for texts, with the final mix of MurmurHash3. It returns the same object each time.
 * The seed is secret, so that nobody can choose keys that share a set.
 */
function createHash(
  seed: number,
): (text: string) => { readonly low: number; readonly high: number } {
  const result = { low: 0, high: 0 }
  // A request asks for the tokens of a key, and then takes them.
  let last: string | undefined
  return text => {
    if (text === last) return result
    last = text
    let low = seed | 0
    let high = ~seed
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index)
      low = Math.imul(low ^ code, 0x9e3779b1)
      high = Math.imul(high ^ code, 0x5f356495)
      low = (low << 13) | (low >>> 19)
      high = (high << 15) | (high >>> 17)
    }
    result.low = mix(low ^ high)
    // 0 marks a free place.
    result.high = mix(high + Math.imul(low, 5)) >>> 0 || 1
    return result
  }
}

function mix(bits: number): number {
  let mixed = bits ^ (bits >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
