import process from 'node:process'
import { resolve as resolvePath } from 'node:path'
import type { PublicRule, SiteOptions, TidemarkOptions } from '../index.ts'
import type { ServeConfig } from '../options/serve-config.ts'
import { type CliContext, type ExitCode, exitCodes } from './context.ts'
import { type FlagValue, flagOf } from './flag-values.ts'
import { type LoadedConfig, loadConfig } from './load-config.ts'
import { toPublicRule } from './public-options.ts'
import { type Keys, readKeys } from './read-keys.ts'
import { toSites } from './sender-options.ts'
import type { ServeFlags } from './serve-options.ts'
import { type TokenSetup, readTokenOptions } from './token-options.ts'

/** A configuration that is ready for a server: files of keys have been read. */
export interface ServerSetup extends Pick<TokenSetup, 'readers' | 'senders'> {
  readonly loaded: LoadedConfig
  readonly options: TidemarkOptions
  readonly port: number
  readonly host: string
  /** Data directory as it was given. */
  readonly dataDir: string
  readonly drainMs: number
  readonly drainDelayMs: number
  /** IDs of the sites; `undefined` for any. */
  readonly sites: readonly string[] | undefined
  /** Figures of the first site with public ones. */
  readonly publicRule: PublicRule | undefined
}

export interface SetupFailure {
  /** All mistakes, one sentence or two each. */
  readonly failures: readonly string[]
  readonly code: ExitCode
  /** The configuration without its invalid values, to find mistakes in the others; `undefined` if it has none. */
  readonly setup?: ServerSetup
}

/** Options of the command line: their values, and those that the user has written. */
export interface Given {
  readonly flags: ServeFlags
  readonly values: ReadonlyMap<string, FlagValue>
}

const defaultHost = '127.0.0.1'
const defaultDrainMs = 10_000

/** Loads the configuration and the files that it names. Writes nothing. Finds all mistakes at once. */
export async function prepareServer(
  { flags, values }: Given,
  context: CliContext,
): Promise<ServerSetup | SetupFailure> {
  const { env = {}, cwd = process.cwd(), command } = context
  const withRules = toSites(flags)
  const publicFlags = toPublicRule(flags)
  const isPublicFailure = publicFlags !== undefined && 'failure' in publicFlags
  const combined = new Map(values)
  if (withRules.sites) combined.set('sites', { value: withRules.sites })
  if (publicFlags && !isPublicFailure) combined.set('public', { value: publicFlags })
  const loaded = await loadConfig({ flags: combined, file: flags.config, env, cwd })
  const inFlags = [...withRules.failures, ...(isPublicFailure ? [publicFlags.failure] : [])]
  const mistakes = [...inFlags, ...loaded.problems]
  if (!('config' in loaded)) return { failures: mistakes, code: exitCodes.usage }

  const { config, isInvalid } = loaded
  const tokens = readTokenOptions(config.access?.tokens ?? {}, loaded, context)
  const keys = readKeys(loaded, command)
  const publicRule = keys.sites?.map(toRule).find(rule => rule !== undefined) ?? config.public
  const hasRules =
    'failures' in tokens || tokens.readers !== 'anyone' || config.access?.authorize !== undefined
  const isOpen = !hasRules && !publicRule && !isPublicFailure
  mistakes.push(...findExposed(loaded, isOpen && !isInvalid('public') && !isInvalid('access')))
  const isUsage = mistakes.length > 0
  if ('failures' in tokens) {
    // A field that lacks another one, because that one is invalid, is no second mistake.
    const isRepeated = tokens.code === exitCodes.usage && isInvalid('access.tokens')
    if (!isRepeated) mistakes.push(...tokens.failures)
  }
  mistakes.push(...keys.failures)
  const setup = toSetup(loaded, {
    ...{ keys, publicRule, cwd },
    tokens: 'failures' in tokens ? openToAll : tokens,
  })
  if (mistakes.length === 0) return setup
  const isFailed = !isUsage && !('code' in tokens && tokens.code === exitCodes.usage)
  return { failures: mistakes, code: isFailed ? exitCodes.failed : exitCodes.usage, setup }
}

const openToAll: TokenSetup = { readers: 'anyone', senders: 'anyone', tokens: undefined }

/** Finds figures that would be open by mistake. */
function findExposed(loaded: LoadedConfig, isOpen: boolean): string[] {
  const { config, nameOf, isInvalid } = loaded
  const host = config.host ?? defaultHost
  const hasSites = config.sites !== undefined || isInvalid('sites')
  const from = `${hostNameOf(loaded)} ${host}`
  const problems: string[] = []
  if (!hasSites && !isLoopback(host)) {
    problems.push(
      `${from} is reachable from other machines, so --site is required. Name each site with --site ID.`,
    )
  } else if (isOpen && !isLoopback(host)) problems.push(openToAnyone(from))
  if (!hasSites && config.public) {
    problems.push(
      `${nameOf('public')}: public figures belong to sites. Name each site with --site ID.`,
    )
  }
  return problems
}

interface Parts {
  keys: Keys
  tokens: TokenSetup
  publicRule: PublicRule | undefined
  cwd: string
}

function toSetup(loaded: LoadedConfig, { keys, tokens, publicRule, cwd }: Parts): ServerSetup {
  const { config } = loaded
  const { host = defaultHost, port = 4711, drainMs = defaultDrainMs, drainDelayMs = 0 } = config
  const dataDir = config.storage?.dataDir ?? '.tidemark'
  return {
    ...{ loaded, port, host, dataDir, drainMs, drainDelayMs, publicRule },
    ...{ readers: tokens.readers, senders: tokens.senders },
    sites: keys.sites?.map(site => (typeof site === 'string' ? site : site.id)),
    options: toOptions(config, { tokens, keys, dataDir: resolvePath(cwd, dataDir) }),
  }
}

const toRule = (site: string | SiteOptions): PublicRule | undefined =>
  typeof site === 'string' ? undefined : site.public

function hostNameOf(loaded: LoadedConfig): string {
  return loaded.sourceOf('host') === 'file' ? loaded.nameOf('host') : (flagOf('host') ?? '')
}

function openToAnyone(host: string): string {
  return (
    `${host} is reachable from other machines, and anyone could read every figure. Require tokens with ` +
    '--token-secret-file, or name the public figures with --public-channel NAME or --public-path PATTERN; ' +
    '--public-channel all shows everything except single events.'
  )
}

interface Resolved {
  tokens: TokenSetup
  keys: Keys
  dataDir: string
}

/** Converts a configuration to options of `createTidemark`. */
function toOptions(config: ServeConfig, { tokens, keys, dataDir }: Resolved): TidemarkOptions {
  const { port: _port, host: _host, drainMs: _drain, drainDelayMs: _delay, ...shared } = config
  const { tokens: _files, ...access } = shared.access ?? {}
  const { sites: _sites, public: publicRule, prometheus, ...others } = shared
  const { tokenFiles: _tokenFiles, ...metrics } = prometheus ?? {}
  const { sites, metricsTokens } = keys
  return {
    ...others,
    ...(sites && { sites }),
    ...(sites && publicRule && { public: publicRule }),
    prometheus: { ...metrics, ...(metricsTokens && { tokens: metricsTokens }) },
    storage: { ...shared.storage, dataDir },
    access: { ...access, ...(tokens.tokens && { tokens: tokens.tokens }) },
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
