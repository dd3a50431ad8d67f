import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { flagsOf, createDataDir } from './child.ts'
import { median, table } from './report.ts'

const command = fileURLToPath(new URL('../packages/server/src/cli.ts', import.meta.url))
const rounds = 3
const visitors = 20_000
const agents = 300
const daysOfLog = 80
const dayMs = 86_400_000

/** Logs by their share of page views. All other lines are requests of images. */
const cases = [
  { views: 0.1, lines: 1_000_000 },
  { views: 0.3, lines: 1_000_000 },
  { views: 1, lines: 300_000 },
]

/**
 * Measures `tidemark import` of the last eighty days of a site, against a loop that parses each line of the same file
 * with one regular expression.
 */
export async function benchImport(): Promise<void> {
  const rows: string[][] = []
  for (const { views, lines } of cases) {
    const folder = await createDataDir()
    try {
      const file = join(folder, 'access.log')
      await writeLog(file, lines, views)
      const all: { importMs: number; loopMs: number }[] = []
      for (let round = 0; round < rounds; round++) {
        const loopMs = await readWithLoop(file)
        all.push({ loopMs, importMs: await importLog(file, join(folder, `data ${round}`)) })
      }
      const rate = (ms: number): string => Math.round((lines / ms) * 1000).toLocaleString('en')
      rows.push([
        `${100 * views} %`,
        rate(median(all.map(each => each.importMs))),
        rate(median(all.map(each => each.loopMs))),
        median(all.map(each => each.loopMs / each.importMs)).toFixed(2),
      ])
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  console.log(
    table(
      `Import: an access log of ${daysOfLog} days and ${visitors.toLocaleString('en')} visitors`,
      ['page views', 'lines/s', 'bare loop, lines/s', '×'],
      rows,
    ),
  )
}

/** Returns the duration that the command reports, in milliseconds. */
async function importLog(file: string, dataDir: string): Promise<number> {
  const words = ['import', file, '--site', 'shop', '--data', dataDir, '--json']
  const flags = await flagsOf(command)
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, command, ...words])
  return (JSON.parse(stdout) as { durationMs: number }).durationMs
}

const combined =
  /^(\S+) \S+ \S+ \[([^\]]+)\] "(\S+) (\S+) [^"]*" (\d{3}) (\d+) "([^"]*)" "([^"]*)"$/

async function readWithLoop(file: string): Promise<number> {
  const startedAt = performance.now()
  let matched = 0
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (combined.test(line)) matched++
  }
  const tookMs = performance.now() - startedAt
  if (matched === 0) throw new Error('The loop matched no line of the log')
  return tookMs
}

async function writeLog(file: string, lines: number, views: number): Promise<void> {
  const output = createWriteStream(file)
  const random = createRandom()
  const end = Date.now()
  for (let line = 0; line < lines; line++) {
    const at = new Date(end - (1 - line / lines) * daysOfLog * dayMs)
    const visitor = Math.floor(random() * visitors)
    const isView = random() < views
    const path = isView ? `/articles/${Math.floor(random() * 500)}` : '/static/header.png'
    const referrer = isView && random() < 0.5 ? 'https://search.example/' : 'https://shop.example/'
    const text = `${toHost(visitor)} - - [${formatTime(at)}] "GET ${path} HTTP/1.1" 200 51200 "${referrer}" "${toAgent(visitor)}"\n`
    if (!output.write(text)) await once(output, 'drain')
  }
  output.end()
  await finished(output)
}

/** Creates a repeatable generator of random numbers (linear congruential, Numerical Recipes). */
function createRandom(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function toHost(visitor: number): string {
  return `198.${18 + (visitor % 2)}.${visitor >> 8}.${visitor & 255}`
}

function toAgent(visitor: number): string {
  const version = 90 + (visitor % agents)
  return `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`
}

/** Formats a time as web servers do: `29/Nov/2026:02:24:25 +0000`. */
function formatTime(at: Date): string {
  const [, day, month, year, time] = at.toUTCString().split(' ')
  return `${day}/${month}/${year}:${time} +0000`
}
