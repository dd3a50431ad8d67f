import type { TidemarkOptions } from './config.ts'
import { readBuiltFile } from './script/built-files.ts'
import { type Tidemark, composeTidemark } from './tidemark.ts'

export {
  type PrometheusConfig,
  type ServeConfig,
  type SiteConfig,
  type TokenFileOptions,
  defineConfig,
} from './options/serve-config.ts'
export type { Clock } from './shared/clock.ts'
export type { TidemarkOptions } from './config.ts'
export type { AccessOptions } from './guard/access.ts'
export type { Scope } from './guard/authorization.ts'
export type { PrometheusOptions } from './routes/prometheus.ts'
export type { RequestedFigures } from './guard/figures.ts'
export type { PublicRule, ReadScope } from './guard/read-scope.ts'
export type { Authorize, Verdict } from './guard/verdict.ts'
export type { Client, NodeBindings, ProxyOptions } from './routes/proxies.ts'
export { ServerWarning, type WarningFields, type WarningKind } from './shared/server-warning.ts'
export type { PublicKeyAlgorithm } from './guard/token-key.ts'
export type { RateName, RatesOptions } from './guard/rates.ts'
export type { WriteOptions } from './guard/write-rules.ts'
export type { TokenOptions } from './guard/tokens.ts'
export { CountryFileError } from './ingest/country-file.ts'
export type { Goal } from './ingest/goals.ts'
export type { PageOptions } from './ingest/page-rules.ts'
export type { CloseOptions } from './drain.ts'
export type { FetchApp, ListenOptions, Listening } from './listen.ts'
export type { ConnectionsOptions } from './live/connections.ts'
export { LogUnavailableError } from './log/log.ts'
export type { LogFormat, LogLevel, LogOptions, Logger } from './logging/logger.ts'
export type { Durability } from './log/sqlite-database.ts'
export type { StorageOptions } from './log/storage.ts'
export type { LimitRow, LimitsAnswer } from './routes/limits.ts'
export type { WarningsAnswer } from './routes/warnings.ts'
export type { IntakeWarning } from './sites/intake-warnings.ts'
export type { IntakeWarningKind } from './sites/warning-texts.ts'
export type { Granularity } from './query/granularity.ts'
export type { MetricsAnswer, MetricsBucket } from './query/metrics-answer.ts'
export type { BreakdownDimension } from './query/metrics-query.ts'
export type { MetricsRow, MetricsTotals, PeopleTotals, ValueMetricsRow } from './query/rows.ts'
export type { RetentionMs } from './rollup/history/retention.ts'
export { HistoryBoundsError, type HistoryBoundsViolation } from './sites/history-bounds-error.ts'
export type { SiteHistoryOptions, SiteOptions } from './site-options.ts'
export type { ScriptTagOptions } from './script/script-tag.ts'
export type { SocketOptions } from './sockets/socket-limits.ts'
export type { HistoryOptions } from './sites/open-sites.ts'
export type { ReloadResult } from './reload.ts'
export type { Recovery } from './sites/recovery.ts'
export type { Tidemark } from './tidemark.ts'

/**
 * Creates a server for live web analytics.
 * @throws {TypeError} for an unknown or invalid option
 * @throws {LogUnavailableError} when the log cannot be opened
 * @throws {CountryFileError} when the country file cannot be used
 */
export function createTidemark(options: TidemarkOptions = {}): Tidemark {
  return composeTidemark(options, readBuiltFile)
}
