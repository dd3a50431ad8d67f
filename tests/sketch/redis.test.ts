import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { estimateCardinality } from '../../packages/server/src/rollup/sketch/cardinality.ts'
import { hash64 } from '../../packages/server/src/rollup/sketch/hash.ts'
import {
  type HyperLogLog,
  createHyperLogLog,
} from '../../packages/server/src/rollup/sketch/hyper-log-log.ts'
import { installTimeoutMs, requireProgram, missingProgramReason } from '../../scripts/program.ts'
import { type RedisClient, connectRedis } from './redis-client.ts'
import { type RedisServer, startRedis } from './redis-server.ts'

const itemsPerCommand = 1000

/** Sizes around the limits of exact counting and of sparse registers, in our sketch and in Redis. */
const sizes = [0, 1, 10, 256, 257, 1000, 3000, 10_000, 100_000]

let server: RedisServer | undefined
let redis: RedisClient

beforeAll(async () => {
  // Valkey uses the same algorithm.
  const program = await requireProgram('redis-server', 'valkey-server')
  if (program === undefined) return
  server = await startRedis(program)
  redis = await connectRedis(server.socketPath)
}, installTimeoutMs)

beforeEach(({ skip }) => skip(!server, missingProgramReason('redis-server')))

afterAll(async () => {
  if (!server) return
  redis.close()
  await server.stop()
})

/** Creates texts of up to about 200 characters, with one or more bytes per character. */
function textsOf(size: number, prefix = ''): string[] {
  return Array.from({ length: size }, (_, index) => {
    const text = `${prefix}${index.toString(36)}`
    if (index % 3 === 0) return text
    return index % 3 === 1 ? `${text} é–😀` : text + 'x'.repeat(index % 200)
  })
}

function sketchOf(texts: readonly string[]): HyperLogLog {
  const sketch = createHyperLogLog()
  for (const text of texts) sketch.add(hash64(text))
  return sketch
}

async function addToRedis(key: string, texts: readonly string[]): Promise<void> {
  await redis.send('PFADD', key)
  for (let from = 0; from < texts.length; from += itemsPerCommand) {
    await redis.send('PFADD', key, ...texts.slice(from, from + itemsPerCommand))
  }
}

/** Compares count and registers with Redis. The registers are the complete state; the count follows from them. */
async function expectSame(key: string, sketch: HyperLogLog): Promise<void> {
  const count = await redis.send('PFCOUNT', key)
  const registers = sketch.registers()
  const ranks = new Uint32Array(64)
  for (const rank of registers) ranks[rank] = (ranks[rank] ?? 0) + 1
  expect(count).toBe(estimateCardinality(ranks, 14))
  if (sketch.count() > 256) expect(count).toBe(sketch.count())
  // Comes last, because it makes Redis unpack its registers.
  expect(await redis.send('PFDEBUG', 'GETREG', key)).toEqual([...registers])
}

describe('HyperLogLog: comparison with Redis', () => {
  it.for(sizes)('has the same registers and count for %d items', async size => {
    const texts = textsOf(size)
    await addToRedis(`items ${size}`, texts)
    await expectSame(`items ${size}`, sketchOf(texts))
  })

  it('has the same registers for hashes that end in many zeros', async () => {
    // One hash in 2^18 has only zeros in its low half, apart from the 14 bits that select the register.
    const rare = (text: string): boolean => hash64(text).low >>> 14 === 0
    const texts = Array.from({ length: 2_000_000 }, (_, index) => `${index}`).filter(rare)
    expect(texts.length).toBeGreaterThan(0)
    await addToRedis('rare', texts)
    await expectSame('rare', sketchOf(texts))
  })

  it('has the same registers and count after a merge', async () => {
    for (const [one, other] of [
      [100, 200],
      [200, 5000],
      [20_000, 30_000],
    ] as const) {
      const [texts, others] = [textsOf(one), textsOf(other, 'other ')]
      await addToRedis('one', texts)
      await addToRedis('other', others)
      await redis.send('PFMERGE', 'both', 'one', 'other')
      const merged = sketchOf(texts)
      merged.merge(sketchOf(others))
      await expectSame('both', merged)
      await redis.send('DEL', 'one', 'other', 'both')
    }
  })
})
