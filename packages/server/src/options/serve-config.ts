import type { TidemarkOptions } from '../config.ts'
import type { AccessOptions } from '../guard/access.ts'
import type { Scope } from '../guard/authorization.ts'
import type { PublicKeyAlgorithm } from '../guard/token-key.ts'
import type { StorageOptions } from '../log/storage.ts'
import type { PrometheusOptions } from '../routes/prometheus.ts'
import type { SiteOptions } from '../site-options.ts'

/** Files with the key that verifies tokens: shared secrets (HS256), or the public half of a key pair. */
export interface TokenFileOptions {
  /** File with a secret, or a list while a secret is replaced: new tokens are signed with the first. */
  secretFile?: string | readonly string[]
  /** File with a public key, as PEM or JWK. */
  publicKeyFile?: string
  /** Signature algorithm of the tokens that `publicKeyFile` verifies. */
  algorithm?: PublicKeyAlgorithm
  /** Scopes that require a token. @default ['read'] */
  scopes?: readonly [Scope, ...Scope[]]
}

/** One site with options of its own. */
export interface SiteConfig extends SiteOptions {
  /** Files with keys of server-side senders, in addition to `writeKeys`. */
  writeKeyFiles?: readonly string[]
}

/** Metrics for Prometheus, with tokens in files. */
export interface PrometheusConfig extends PrometheusOptions {
  /** Files with tokens of other clients, in addition to `tokens`. */
  tokenFiles?: readonly string[]
}

/**
 * Configuration of the command `tidemark serve`, as in `tidemark.config.ts`. Paths are relative to the directory of
 * the file. Times are in milliseconds.
 */
export interface ServeConfig extends Omit<
  TidemarkOptions,
  'sites' | 'storage' | 'access' | 'prometheus' | 'onError' | 'clock'
> {
  /** Port to listen on; 0 picks a free port. @default 4711 */
  port?: number
  /** Address to listen on. @default '127.0.0.1' */
  host?: string
  /**
   * The sites that exist: an ID, or an ID with options of this site. @default any ID; a site is created when it is
   * first named
   */
  sites?: readonly (string | SiteConfig)[]
  /** Storage of events and history. */
  storage?: Partial<StorageOptions>
  /** Access rules for requests. @default all requests are allowed */
  access?: Omit<AccessOptions, 'tokens'> & { tokens?: TokenFileOptions }
  /** Metrics for Prometheus at `/metrics`. */
  prometheus?: PrometheusConfig
  /** Longest time from SIGTERM to the end of the process, in milliseconds. @default 10 seconds */
  drainMs?: number
  /**
   * Time in which the server still accepts connections after SIGTERM, while `/ready` already answers 503, in
   * milliseconds. A part of `drainMs`. @default 0
   */
  drainDelayMs?: number
}

/** Returns a configuration for `tidemark.config.ts`, and lets TypeScript check it. */
export function defineConfig(config: ServeConfig): ServeConfig {
  return config
}
