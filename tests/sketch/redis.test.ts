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

/** Around where we count exactly, where either packs its registers and where it no longer does. */
const sizes = [0, 1, 10, 256, 257, 1000, 3000, 10_000, 100_000]

let server: RedisServer | undefined
let redis: RedisClient

beforeAll(async () => {
  // Valkey counts alike.
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

/** Texts of every length up to some hundred bytes, of one byte a character and of more. */
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

/** Its registers are all of our state that Redis could be told, and its count is made of them. */
async function expectSame(key: string, sketch: HyperLogLog): Promise<void> {
  const count = await redis.send('PFCOUNT', key)
  const registers = sketch.registers()
  const ranks = new Uint32Array(64)
  for (const rank of registers) ranks[rank] = (ranks[rank] ?? 0) + 1
  expect(count).toBe(estimateCardinality(ranks, 14))
  if (sketch.count() > 256) expect(count).toBe(sketch.count())
  // Last, as it makes Redis unpack them.
  expect(await redis.send('PFDEBUG', 'GETREG', key)).toEqual([...registers])
}

describe('beside Redis', () => {
  it.for(sizes)('%d items have the same registers and count', async size => {
    const texts = textsOf(size)
    await addToRedis(`items ${size}`, texts)
    await expectSame(`items ${size}`, sketchOf(texts))
  })

  it('items whose hashes end in many zeros have the same registers', async () => {
    // One in 2^18 has none but zeros in its low half, beside the bits that choose the register.
    const rare = (text: string): boolean => hash64(text).low >>> 14 === 0
    const texts = Array.from({ length: 2_000_000 }, (_, index) => `${index}`).filter(rare)
    expect(texts.length).toBeGreaterThan(0)
    await addToRedis('rare', texts)
    await expectSame('rare', sketchOf(texts))
  })

  it('merged sketches have the same registers and count', async () => {
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
