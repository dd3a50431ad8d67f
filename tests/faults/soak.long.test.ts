import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { MetricsAnswer } from '@tidemark/server'
import { expect, it, onTestFinished } from 'vitest'
import { createTemporaryDirectory } from './server-process.ts'
import type { SoakReport } from './soak-load.ts'

const minuteMs = 60_000
const durationMs = Number(process.env['SOAK_MINUTES'] ?? 10) * minuteMs
/** Time until caches and tables have their usual size. */
const warmUpMs = durationMs * 0.3
const sampleMs = 100

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Starts the command `tidemark serve` as an operator does, behind a proxy on loopback. */
async function startCommand(): Promise<{ pid: number; origin: string }> {
  const flags = [
    '--max-semi-space-size=16',
    '--heap-growing-percent=50',
    '--no-allocation-site-pretenuring',
  ]
  const options = ['--port', '0', '--data', createTemporaryDirectory(), '--site', 'shop']
  const child = spawn(
    process.execPath,
    [
      ...[...flags, 'packages/server/src/cli.ts', 'serve', ...options],
      ...['--trusted-proxy', '127.0.0.1'],
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  for await (const line of createInterface({ input: child.stdout })) {
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
    if (origin !== undefined && child.pid !== undefined) return { pid: child.pid, origin }
  }
  throw new Error('The server has not started.')
}

/** Starts the load in a process of its own. Returns a function that ends it. */
function startLoad(origin: string): () => Promise<SoakReport> {
  const script = fileURLToPath(new URL('./soak-load.ts', import.meta.url))
  const child = spawn(process.execPath, [script, origin], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return async () => {
    child.stdin.end()
    for await (const line of createInterface({ input: child.stdout })) {
      return JSON.parse(line) as SoakReport
    }
    throw new Error('The load has no report.')
  }
}

async function readResidentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}

const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

it.runIf(process.platform === 'linux')(
  'Server: keeps its memory and answers in time during ten minutes of traffic and attacks',
  async () => {
    const { pid, origin } = await startCommand()
    const endLoad = startLoad(origin)
    const delays: number[] = []
    const memory: number[] = []
    const startedAt = performance.now()
    while (performance.now() - startedAt < durationMs) {
      const sentAt = performance.now()
      const answer = await fetch(`${origin}/health`)
      await answer.text()
      expect(answer.status).toBe(200)
      delays.push(performance.now() - sentAt)
      if (sentAt - startedAt > warmUpMs) memory.push(await readResidentMiB(pid))
      await sleep(sampleMs)
    }
    const { accepted, refused } = await endLoad()
    const third = Math.floor(memory.length / 3)
    const growthMiB = medianOf(memory.slice(-third)) - medianOf(memory.slice(0, third))
    const p99Ms = delays.toSorted((a, b) => a - b)[Math.floor(delays.length * 0.99)]
    console.info({ accepted, refused, growthMiB, peakMiB: Math.max(...memory), p99Ms })

    const to = Date.now() + minuteMs
    const query = `granularity=minute&from=${to - durationMs - 5 * minuteMs}&to=${to}`
    const history = await fetch(`${origin}/api/sites/shop/metrics?${query}`)
    const { totals } = (await history.json()) as MetricsAnswer
    expect(totals.events).toBe(accepted)
    expect(growthMiB).toBeLessThan(32)
    expect(p99Ms).toBeLessThan(50)
  },
  durationMs + 2 * minuteMs,
)
