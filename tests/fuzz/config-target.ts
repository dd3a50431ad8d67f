import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { loadConfig, serveLeaves } from '../../packages/server/src/cli/load-config.ts'
import type { FuzzTarget } from './fuzz-target.ts'

const validFiles = [
  {
    port: 8080,
    host: '127.0.0.1',
    sites: [
      'shop',
      {
        id: 'docs',
        goals: [{ name: 'Read', path: '/docs/**' }],
        public: { channels: ['currentVisitors'], minCount: 3 },
        writeOrigins: ['https://docs.example'],
        writeKeyFiles: ['./key'],
      },
    ],
    goals: [{ name: 'Bought', event: 'purchase' }],
    history: {
      timeZone: 'Europe/Berlin',
      sessionGapMs: 1_800_000,
      retentionMs: { day: 'forever' },
    },
  },
  {
    hostNames: ['stats.example.com'],
    proxy: { trusted: ['10.0.0.0/8', '::1'], addressHeader: 'X-Real-IP' },
    rates: { eventsPerSecondPerSite: 100, burstSeconds: 10 },
    storage: { dataDir: './data', durability: 'fsync' },
    access: { allowedOrigins: ['https://dash.example'], tokens: { secretFile: './secret' } },
    drainMs: 5000,
  },
].map(config => JSON.stringify(config))

/** Checks that each problem begins with the file or a name that was given. Returns whether there was none. */
async function load(
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
  start: string,
): Promise<boolean> {
  const loaded = await loadConfig({ flags: new Map(), file: undefined, env, cwd })
  if ('config' in loaded && loaded.problems.length === 0) return true
  const unnamed = loaded.problems.find(problem => !problem.startsWith(start))
  if (loaded.problems.length > 0 && unnamed === undefined) return false
  throw new Error(`A problem without its field: ${unnamed?.slice(0, 500)}`)
}

function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tidemark-fuzz-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

/** Fuzzes the text of `tidemark.config.json`. */
export function openConfigFile(): FuzzTarget {
  const cwd = makeDirectory()
  return {
    valid: validFiles,
    parse(text) {
      writeFileSync(join(cwd, 'tidemark.config.json'), text)
      return load({ cwd }, 'tidemark.config.json: ')
    },
  }
}

/** Fuzzes `NAME=value`: a variable of the server, or one with a similar name. */
export function openVariable(): FuzzTarget {
  const cwd = makeDirectory()
  const names = new Set(serveLeaves.map(({ variable }) => variable))
  return {
    valid: [
      'PORT=8080',
      'TIDEMARK_SITES=shop,docs',
      'TIDEMARK_SITES=[{"id":"docs","goals":[{"name":"Read","path":"/docs/**"}]}]',
      'TIDEMARK_GOALS=Bought=purchase,Read=/docs/**',
      'TIDEMARK_HISTORY_RETENTION_MS_DAY=forever',
      'TIDEMARK_PROXY_TRUSTED=10.0.0.0/8,::1',
      'TIDEMARK_RATES_BURST_SECONDS=10',
      'TIDEMARK_ACCESS_ALLOWED_ORIGINS=https://dash.example',
    ],
    parse(text) {
      const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? []
      // Others are not read.
      if (!names.has(name) && !name.startsWith('TIDEMARK_')) return Promise.resolve(undefined)
      return load({ cwd, env: { [name]: value } }, name)
    },
  }
}
