import { isObject } from '@tidemark/protocol'
import type { Command } from 'commander'

/** A value of the command line. */
export interface FlagValue {
  readonly value: unknown
}

/** Fields of the configuration by name of the option as Commander reports it. */
const pathsByOption: Readonly<Record<string, string>> = {
  port: 'port',
  host: 'host',
  data: 'storage.dataDir',
  durability: 'storage.durability',
  site: 'sites',
  countryHeader: 'proxy.countryHeader',
  countryFile: 'countryFile',
  timeZone: 'history.timeZone',
  keepMinutes: 'history.retentionMs.minute',
  keepHours: 'history.retentionMs.hour',
  keepDays: 'history.retentionMs.day',
  sessionGap: 'history.sessionGapMs',
  goal: 'goals',
  publicChannel: 'public',
  trustedProxy: 'proxy.trusted',
  allowedOrigin: 'access.allowedOrigins',
  hostName: 'hostNames',
  prometheusOpenTo: 'prometheus.openTo',
  prometheusTokenFile: 'prometheus.tokenFiles',
  logLevel: 'log.level',
  logFormat: 'log.format',
  tokenSecretFile: 'access.tokens.secretFile',
  tokenPublicKey: 'access.tokens.publicKeyFile',
  tokenAlgorithm: 'access.tokens.algorithm',
  tokenScope: 'access.tokens.scopes',
}

/** Returns the flag of a field, such as `--time-zone`; `undefined` when it has none. */
export function flagOf(path: string): string | undefined {
  if (path.startsWith('rates.')) return '--rate'
  const [name] = Object.entries(pathsByOption).find(([, each]) => each === path) ?? []
  return name && `--${name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
}

/**
 * Collects the options that the user has written, by path of their field. Defaults of the options do not count.
 * @param names options of the command that are fields of the configuration. @default all
 */
export function collectFlags(command: Command, names?: readonly string[]): Map<string, FlagValue> {
  const values = new Map<string, FlagValue>()
  for (const [name, path] of Object.entries(pathsByOption)) {
    if (names && !names.includes(name)) continue
    if (command.getOptionValueSource(name) !== 'cli') continue
    const value: unknown = command.getOptionValue(name)
    values.set(path, { value })
  }
  // One option for all fields of the group.
  const rates: unknown = command.getOptionValue('rate')
  if (isObject(rates)) {
    for (const [name, value] of Object.entries(rates)) values.set(`rates.${name}`, { value })
  }
  return values
}
