/** Which way imports run in this workspace: the table of ARCHITECTURE.md, as data. */

export interface ImportRule {
  /** What the rule is about: a folder with all in it, or one file. */
  readonly of: string
  /**
   * What it may import, besides its own files: packages with all below them, folders and files of the
   * workspace, `node:` for what comes with Node, `*` for any package that is not one of ours.
   */
  readonly may: readonly string[]
  readonly why: string
}

const server = 'packages/server/src'

export const importRules: readonly ImportRule[] = [
  {
    of: 'packages/protocol/src',
    may: [],
    why: 'the wire is the floor under every package and stands on nothing',
  },
  {
    of: 'packages/sdk/src',
    may: ['@tidemark/protocol', 'reconnecting-websocket'],
    why: 'what a page loads stays small and runs in any browser',
  },
  {
    of: 'packages/widgets/src',
    may: ['@tidemark/protocol', '@tidemark/sdk/live', 'vue', 'pinia'],
    why: 'widgets read the live client; they neither track nor serve',
  },
  {
    of: 'packages/server/src',
    may: [
      '@tidemark/protocol',
      '@tidemark/sdk/tidemark.js',
      'node:',
      '@datadog/sketches-js',
      'hono',
      '@hono/node-server',
      'bowser',
      'cli-progress',
      'commander',
      'isbot',
      'lru-cache',
      'mmdb-lib',
      'typebox',
      'ws',
    ],
    why: 'the server speaks the wire and knows neither tracker nor widgets',
  },
  {
    of: 'playground',
    may: ['@tidemark', 'node:', '*'],
    why: 'the playground uses the packages as a user would, through their public entries',
  },
  {
    of: 'tests',
    may: ['@tidemark', 'packages', 'playground', 'scripts', 'node:', '*'],
    why: 'what crosses packages is tested here, and nothing else lives here',
  },
  {
    of: 'bench',
    may: ['@tidemark', 'scripts', 'node:', '*'],
    why: 'a benchmark measures what a user gets',
  },
  {
    of: `${server}/rollup`,
    may: [
      '@tidemark/protocol',
      '@datadog/sketches-js',
      `${server}/bytes.ts`,
      `${server}/remember-last.ts`,
    ],
    why: 'the reducer is pure: state is a function of the log, with no I/O and no clock',
  },
  {
    of: `${server}/live`,
    may: [
      '@tidemark/protocol',
      `${server}/clock.ts`,
      `${server}/guard/access.ts`,
      `${server}/http`,
      'node:net',
      'hono',
      '@hono/node-server',
      'ws',
    ],
    why: 'live streams carry frames and know nothing of events',
  },
  {
    of: `${server}/log`,
    may: [
      '@tidemark/protocol',
      `${server}/bytes.ts`,
      `${server}/clock.ts`,
      'node:fs',
      'node:path',
      'node:sqlite',
      'node:worker_threads',
      'node:zlib',
    ],
    why: 'the log keeps records and knows nothing of what is in them or who asks',
  },
  {
    of: `${server}/query`,
    may: ['@tidemark/protocol', `${server}/rollup`, `${server}/http`, 'hono', `${server}/turns.ts`],
    why: 'history is read from the roll-ups alone',
  },
  {
    of: `${server}/access-log`,
    may: ['node:', `${server}/remember-last.ts`],
    why: 'reading a log file has nothing to do with where its lines go',
  },
  {
    of: `${server}/replay`,
    may: ['@tidemark/protocol', `${server}/access-log`, 'lru-cache', 'node:'],
    why: 'a replay sends its events by the same road as everyone',
  },
]

/** Files of which none may import another: transports know nothing of each other. */
export const strangers: readonly (readonly string[])[] = [
  [
    `${server}/live/http.ts`,
    `${server}/live/long-poll.ts`,
    `${server}/live/sse.ts`,
    `${server}/live/websocket.ts`,
  ],
]

/** Tests, and what only tests use. */
export const isForTests = (path: string): boolean =>
  path.endsWith('.test.ts') || path.includes('/testing/')

/** What a test may import besides what the rules say: any library, and the workspace's helpers. */
export const testsMay: readonly string[] = ['*', 'node:', 'tests/setup', 'scripts']

/** Where time, randomness and timers are handed in, so that the same input gives the same output. */
export const pureFolders: readonly string[] = [`${server}/rollup`, 'packages/protocol/src']

/** What a pure file does not name. */
export const impure: ReadonlySet<string> = new Set([
  'Date.now',
  'new Date()',
  'Math.random',
  'crypto',
  'fetch',
  'performance',
  'process',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
])
