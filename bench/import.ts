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
import { flagsOf, makeDataDir } from './child.ts'
import { median, table } from './report.ts'

const command = fileURLToPath(new URL('../packages/server/src/cli.ts', import.meta.url))
const rounds = 3
const people = 20_000
const agents = 300
const daysOfLog = 80
const dayMs = 86_400_000

/** Logs of as many lines, of which so many are page views of people; the others are of pictures. */
const cases = [
  { views: 0.1, lines: 1_000_000 },
  { views: 0.3, lines: 1_000_000 },
  { views: 1, lines: 300_000 },
]

/**
 * `tidemark import` of the last eighty days of a busy site, against a loop that reads the same file line by
 * line and takes each apart with one regular expression, as a script for access logs does.
 */
export async function benchImport(): Promise<void> {
  const rows: string[][] = []
  for (const { views, lines } of cases) {
    const folder = await makeDataDir()
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
      `Import: an access log of ${daysOfLog} days and ${people.toLocaleString('en')} visitors`,
      ['page views', 'lines/s', 'bare loop, lines/s', '×'],
      rows,
    ),
  )
}

/** Milliseconds, as the command says. */
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
  let taken = 0
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (combined.test(line)) taken++
  }
  const tookMs = performance.now() - startedAt
  if (taken === 0) throw new Error('The loop took nothing of the log')
  return tookMs
}

async function writeLog(file: string, lines: number, views: number): Promise<void> {
  const output = createWriteStream(file)
  const random = createRandom()
  const end = Date.now()
  for (let line = 0; line < lines; line++) {
    const at = new Date(end - (1 - line / lines) * daysOfLog * dayMs)
    const visitor = Math.floor(random() * people)
    const isView = random() < views
    const path = isView ? `/articles/${Math.floor(random() * 500)}` : '/static/header.png'
    const referrer = isView && random() < 0.5 ? 'https://search.example/' : 'https://shop.example/'
    const text = `${toHost(visitor)} - - [${formatTime(at)}] "GET ${path} HTTP/1.1" 200 51200 "${referrer}" "${toAgent(visitor)}"\n`
    if (!output.write(text)) await once(output, 'drain')
  }
  output.end()
  await finished(output)
}

/** The same numbers in each run (a linear congruential generator, Numerical Recipes). */
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

/** As web servers write it: `29/Nov/2026:02:24:25 +0000`. */
function formatTime(at: Date): string {
  const [, day, month, year, time] = at.toUTCString().split(' ')
  return `${day}/${month}/${year}:${time} +0000`
}
