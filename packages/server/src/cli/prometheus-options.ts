import { type Command, Option } from 'commander'
import type { PrometheusOptions } from '../index.ts'
import { collect } from './arguments.ts'

/** Parsed options of `tidemark serve` about metrics. */
export interface PrometheusFlags {
  prometheusOpenTo: NonNullable<PrometheusOptions['openTo']>
  prometheusTokenFile?: string[]
}

export function addPrometheusOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--prometheus-open-to <clients>', 'clients that may read /metrics without a token')
        .choices(['loopback', 'anyone', 'nobody'])
        .default('loopback'),
    )
    .option(
      '--prometheus-token-file <path>',
      'file with the token of other readers of /metrics; repeatable',
      collect(path => path),
    )
}
