import { posix } from 'node:path'

/** The allowed imports of this workspace, as data. ARCHITECTURE.md shows the same rules as tables. */

export interface ImportRule {
  /** Path of a folder, from the root of the workspace. */
  readonly folder: string
  /** Whether the rule is for the folder's direct files alone. @default for all files below it too */
  readonly onlyDirect?: boolean
  /**
   * Allowed imports besides files of the same folder: packages with their subpaths, folders and files of the
   * workspace, `node:` for all of Node's modules, `*` for any package outside this workspace.
   */
  readonly allowed: readonly string[]
  /** Completes the sentence "a imports b, but …". */
  readonly reason: string
}

const protocol = 'packages/protocol/src'
const sdk = 'packages/sdk/src'
const server = 'packages/server/src'
const widgets = 'packages/widgets/src'

/** Folders of published sources. Every folder below them needs a rule of its own. */
export const packageSources: readonly string[] = [protocol, sdk, server, widgets]

/** Allowed imports by folder; `.` is the package's source folder itself. */
type FolderImports = Readonly<Record<string, readonly string[]>>

function folderRules(root: string, reason: string, folders: FolderImports): ImportRule[] {
  return Object.entries(folders).map(([folder, allowed]) => ({
    folder: posix.join(root, folder),
    onlyDirect: true,
    allowed: allowed.map(path => (path.startsWith('./') ? posix.join(root, path) : path)),
    reason,
  }))
}

const packageRules: readonly ImportRule[] = [
  {
    folder: protocol,
    allowed: [],
    reason: 'the protocol is the base of every package and imports nothing',
  },
  {
    folder: sdk,
    allowed: ['@tidemark/protocol', 'reconnecting-websocket', 'vue', 'web-vitals'],
    reason: 'the SDK stays small and runs in any browser',
  },
  {
    folder: widgets,
    allowed: [
      ...['@tidemark/protocol', '@tidemark/sdk/live', 'chart.js', 'chartjs-chart-geo', 'pinia'],
      ...['@tanstack/vue-virtual', 'topojson-client', 'vue', 'world-atlas'],
    ],
    reason: 'widgets use the live client; they neither track nor serve',
  },
  {
    folder: server,
    allowed: [
      '@tidemark/protocol',
      '@tidemark/sdk/tidemark.extra.js',
      '@tidemark/sdk/tidemark.js',
      'node:',
      '@datadog/sketches-js',
      'hono',
      '@hono/node-server',
      'bowser',
      'cli-progress',
      'commander',
      'crawler-user-agents',
      'isbot',
      'lru-cache',
      'mmdb-lib',
      'pino',
      'prom-client',
      'typebox',
      'ws',
    ],
    reason: 'the server implements the protocol and knows neither tracker nor widgets',
  },
  {
    folder: 'playground',
    allowed: ['@tidemark', 'node:', '*'],
    reason: 'the playground uses the packages as a user would, through their public entries',
  },
  {
    folder: 'tests',
    allowed: ['@tidemark', 'packages', 'playground', 'scripts', 'node:', '*'],
    reason: 'tests of several packages live here, and nothing else',
  },
  {
    folder: 'bench',
    allowed: ['@tidemark', 'scripts', 'node:', '*'],
    reason: 'benchmarks measure the public entries',
  },
]

const serverRules = folderRules(
  server,
  'scripts/import-rules.ts does not allow it in this folder',
  {
    '.': ['./.', '@tidemark/protocol', '@hono/node-server', 'hono', 'node:'],
    routes: [
      ...[
        './guard',
        './http',
        './ingest',
        './live',
        './prometheus',
        './query',
        './rollup',
        './script',
        './shared',
        './user-agent',
      ],
      ...['./logging/reporter.ts', './log/log.ts', './sites', '@tidemark/protocol'],
      ...['@hono/node-server', 'hono', 'node:', 'ws'],
    ],
    http: ['@tidemark/protocol', 'hono'],
    guard: [
      './rollup/bucket/dimensions.ts',
      './shared',
      '@tidemark/protocol',
      'hono/jwt',
      'lru-cache',
      'node:',
    ],
    prometheus: ['@tidemark/protocol', 'node:process', 'prom-client'],
    logging: [
      './shared',
      '@tidemark/protocol',
      'node:perf_hooks',
      'node:process',
      'node:util',
      'pino',
    ],
    'ingest/places': [],
    ingest: [
      ...['./ingest/places', './rollup/event.ts', './shared', '@tidemark/protocol'],
      ...['lru-cache', 'mmdb-lib', 'typebox', 'node:'],
    ],
    'user-agent': ['@tidemark/protocol', 'bowser', 'crawler-user-agents', 'isbot', 'lru-cache'],
    query: ['./ingest/source.ts', './rollup', './shared', '@tidemark/protocol'],
    options: [
      ...['./config.ts', './guard', './ingest', './live', './log', './rollup/history', './routes'],
      './rollup/table/visit.ts',
      ...['./logging', './shared', './site-options.ts', './sites', './sockets'],
      ...['@tidemark/protocol', 'typebox', 'node:'],
    ],
    script: ['./shared', 'node:'],
    sites: [
      './ingest',
      './live',
      './log',
      './rollup',
      './shared',
      '@tidemark/protocol',
      'lru-cache',
      'node:crypto',
    ],
    live: ['./guard/authorization.ts', './shared', '@tidemark/protocol', 'node:net'],
    log: [
      './shared',
      ...[
        'node:fs',
        'node:path',
        'node:process',
        'node:sqlite',
        'node:worker_threads',
        'node:zlib',
      ],
    ],
    shared: ['@tidemark/protocol', 'node:'],
    sockets: ['./shared', 'node:'],
    rollup: ['./rollup', './shared', '@tidemark/protocol'],
    'rollup/fold': [
      ...['./rollup/bounds.ts', './rollup/event.ts', './rollup/bucket', './rollup/sketch'],
      '@tidemark/protocol',
    ],
    'rollup/live': [
      ...['./rollup/bounds.ts', './rollup/event.ts', './rollup/bucket', './rollup/history'],
      ...['./rollup/sketch', './shared', '@tidemark/protocol'],
    ],
    'rollup/presence': [
      ...['./rollup/bounds.ts', './rollup/event.ts', './rollup/live', './rollup/sketch'],
      ...['./rollup/table', './shared', '@tidemark/protocol'],
    ],
    'rollup/history': [
      ...['./rollup/bounds.ts', './rollup/bucket', './rollup/sketch', './shared'],
      '@tidemark/protocol',
    ],
    'rollup/bucket': ['./rollup/event.ts', './rollup/sketch', './shared', '@tidemark/protocol'],
    'rollup/sketch': ['./shared', '@datadog/sketches-js'],
    'rollup/table': ['./rollup/bounds.ts', './rollup/sketch', './shared'],
    'access-log': ['./access-log/format', './shared', '@tidemark/protocol', 'node:'],
    'access-log/format': ['./shared', '@tidemark/protocol', 'node:'],
    import: [
      ...['./access-log', './ingest', './log', './replay', './rollup', './shared', './sites'],
      './user-agent',
      ...['@tidemark/protocol', 'node:'],
    ],
    backup: ['./ingest', './log', './rollup', './shared', './sites', 'node:'],
    forget: [
      ...['./import/data-directory.ts', './ingest', './log', './rollup', './shared', './sites'],
      ...['@tidemark/protocol', 'node:'],
    ],
    replay: [
      ...['./access-log', './shared', './user-agent', '@tidemark/protocol', 'lru-cache', 'node:'],
    ],
    cli: [
      ...['./access-log', './backup', './forget', './guard', './import', './index.ts', './ingest'],
      ...['./logging', './options', './replay', './routes/local-client.ts', './script'],
      ...['./rollup/history', './shared', './site-options.ts', './store-rules.ts', './tidemark.ts'],
      ...['@tidemark/protocol', 'cli-progress', 'commander', 'hono', 'typebox', 'node:'],
    ],
  },
)

const sdkRules = folderRules(sdk, 'scripts/import-rules.ts does not allow it in this folder', {
  '.': ['./capture', './shared', './tracker', 'vue'],
  tracker: ['./shared', '@tidemark/protocol'],
  capture: ['./tracker', 'web-vitals'],
  script: ['./capture', './shared', './tracker'],
  live: ['./live/transports', './shared', '@tidemark/protocol'],
  'live/transports': ['./live', './shared', '@tidemark/protocol', 'reconnecting-websocket'],
  shared: [],
})

const widgetRules = folderRules(
  widgets,
  'scripts/import-rules.ts does not allow it in this folder',
  {
    '.': ['./.', '@tidemark/protocol', '@tidemark/sdk/live'],
    ActivityTable: [
      ...['./LiveActivityFeed', './card', './config.ts', './messages/en', './settings'],
      ...['./status', './text', './time', './useFeed', './useRealtime'],
      ...['@tanstack/vue-virtual', '@tidemark/protocol', '@tidemark/sdk/live', 'vue'],
    ],
    ConnectionIndicator: [
      ...['./config.ts', './messages/en', './settings', './status', './text', './time'],
      ...['./useRealtime', '@tidemark/sdk/live', 'vue'],
    ],
    LiveActivityFeed: [
      ...['./card', './messages/en', './motion', './settings', './status', './text', './time'],
      ...['./useFeed', '@tidemark/protocol', '@tidemark/sdk/live', 'vue'],
    ],
    RangePicker: [
      ...['./card/on-demand.ts', './history', './messages/en', './settings', './text', './time'],
      'vue',
    ],
    MetricCard: [
      ...['./Sparkline', './card', './history', './messages/en', './settings', './status'],
      ...['./text', './useMetric', '@tidemark/protocol', '@tidemark/sdk/live', 'vue'],
    ],
    RealtimeCounter: [
      ...['./Sparkline', './card', './config.ts', './history', './messages/en', './settings'],
      ...['./status', './text', './time', './useMetric', './useRealtime'],
      ...['@tidemark/protocol', '@tidemark/sdk/live', 'vue'],
    ],
    EventList: ['./TopList', './history', './useTopList', '@tidemark/sdk/live', 'vue'],
    GoalList: ['./TopList', './history', './useTopList', '@tidemark/sdk/live', 'vue'],
    TidemarkDashboard: [
      ...['./ConnectionIndicator', './LiveActivityFeed', './MetricCard', './RangePicker'],
      ...['./RealtimeCounter', './TopList', './ValuePanel', './VisitorsMap', './card'],
      ...['./charts', './config.ts', './fetchMetrics', './history', './messages/en'],
      ...['./settings', './status', './useRealtime', './useSeries', './useTopList', 'vue'],
    ],
    TopList: [
      ...['./card', './messages/en', './motion', './settings', './text', './useTopList'],
      ...['@tidemark/sdk/live', 'vue'],
    ],
    useTopList: [
      ...['./card', './config.ts', './fetchMetrics', './history', './messages/en', './rows'],
      ...['./settings', './status', './text', './useRealtime', '@tidemark/protocol', 'vue'],
    ],
    Sparkline: ['vue'],
    VisitorsMap: [
      ...['./card', './history', './messages/en', './settings', './status', './text'],
      ...['./useRealtime', '@tidemark/sdk/live', 'chart.js', 'chartjs-chart-geo'],
      ...['topojson-client', 'vue', 'world-atlas'],
    ],
    card: ['./config.ts', './messages/en', './settings', './status', './text', './time', 'vue'],
    charts: [
      ...['./card', './fetchMetrics', './history', './messages/en', './settings', './status'],
      ...['./text', './useSeries', '@tidemark/sdk/live', 'chart.js', 'vue'],
    ],
    ValuePanel: [
      ...['./card', './fetchMetrics', './history', './messages/en', './settings', './status'],
      ...['./text', './useMetric', './useRealtime'],
      ...['@tidemark/protocol', '@tidemark/sdk/live', 'vue'],
    ],
    createRealtimePoller: [
      './config.ts',
      './store',
      '@tidemark/protocol',
      '@tidemark/sdk/live',
      'vue',
    ],
    fetchDashboardData: [
      './config.ts',
      './fetchMetrics',
      './fetchSnapshot',
      './request',
      '@tidemark/protocol',
    ],
    fetchMetrics: ['./config.ts', './request', '@tidemark/protocol'],
    history: [
      ...['./config.ts', './fetchMetrics', './request', './settings', './store'],
      ...['@tidemark/sdk/live', 'pinia', 'vue'],
    ],
    fetchSnapshot: ['./config.ts', './request', '@tidemark/protocol'],
    motion: ['vue'],
    request: ['./config.ts', '@tidemark/protocol', '@tidemark/sdk/live'],
    rows: [],
    store: ['./config.ts', '@tidemark/protocol', '@tidemark/sdk/live', 'pinia', 'vue'],
    locales: ['./messages', './messages/en'],
    messages: ['./messages/en', './text'],
    'messages/en': [],
    settings: ['./config.ts', './messages', './messages/en', './text', './theme', 'vue'],
    status: ['./messages/en', './settings', './time', '@tidemark/sdk/live', 'vue'],
    text: [],
    theme: [],
    time: ['./text', 'vue'],
    useSeries: [
      ...['./config.ts', './fetchMetrics', './history', './settings', './status', './time'],
      ...['./useRealtime', '@tidemark/protocol', '@tidemark/sdk/live', 'vue'],
    ],
    useFeed: [
      ...['./card/row-limit.ts', './config.ts', './rows', './settings', './status'],
      ...['./time/format-age.ts', './useRealtime', '@tidemark/protocol', 'vue'],
    ],
    useMetric: [
      ...['./config.ts', './fetchMetrics', './history', './settings', './status'],
      ...['./useRealtime', '@tidemark/protocol', 'vue'],
    ],
    useRealtime: [
      './config.ts',
      './settings',
      './store',
      '@tidemark/protocol',
      '@tidemark/sdk/live',
      'vue',
    ],
  },
)

export const importRules: readonly ImportRule[] = [
  ...packageRules,
  ...serverRules,
  ...sdkRules,
  ...widgetRules,
  {
    folder: `${server}/rollup`,
    allowed: [
      '@tidemark/protocol',
      '@datadog/sketches-js',
      `${server}/shared/bytes.ts`,
      `${server}/shared/cooperative-task.ts`,
      `${server}/shared/memoize-last.ts`,
    ],
    reason: 'the reducer is pure: state is a function of the log, without I/O and without a clock',
  },
]

/** Groups of files of which none may import another. */
export const unrelatedFiles: readonly (readonly string[])[] = [
  [
    `${server}/routes/realtime.ts`,
    `${server}/routes/frames.ts`,
    `${server}/routes/sse.ts`,
    `${server}/routes/websocket.ts`,
  ],
]

/** Whether a file is a test or a helper that only tests import. */
export const isTestOnly = (path: string): boolean =>
  path.endsWith('.test.ts') || path.includes('/testing/')

/** Imports that tests are allowed in addition: any library, and the workspace's helpers. */
export const testImports: readonly string[] = ['*', 'node:', 'tests/setup', 'scripts']

/** Folders without time, randomness and timers of their own: the same input gives the same output. */
export const pureFolders: readonly string[] = [`${server}/rollup`, protocol]

/** Globals that a pure file must not use. */
export const impureGlobals: ReadonlySet<string> = new Set([
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
