import { resolve as resolvePath } from 'node:path'
import { type Command, Option } from 'commander'
import type { Durability, Goal } from '../index.ts'
import {
  collect,
  parseAddressBlock,
  parseDuration,
  parseGoal,
  parseHeaderName,
  parseOrigin,
  parsePort,
  parseRetention,
  parseSite,
  parseTimeZone,
} from './arguments.ts'
import { type CliContext, type ExitCode, exitCodes, fail, writeLines } from './context.ts'
import { explainStart } from './explain-start.ts'
import { withHomePage } from './home-page.ts'
import { type TokenFlags, addTokenOptions, readTokenOptions } from './token-options.ts'
import { formatWelcome } from './welcome.ts'

interface Flags extends TokenFlags {
  port: number
  host: string
  data: string
  durability: Durability
  site?: string[]
  countryHeader?: string
  countryFile?: string
  timeZone?: string
  keepMinutes?: number
  keepHours?: number
  keepDays?: number
  sessionGap?: number
  goal?: Goal[]
  trustedProxy?: string[]
  allowedOrigin?: string[]
}

const durabilities: readonly Durability[] = ['process', 'fsync']

const examples = (tidemark: string): string => `
Without --site any site may send and be read: a site is made when it is first named. The server listens
on this machine only, unless --host says otherwise.

Examples:
  $ ${tidemark} serve
  $ ${tidemark} serve --port 8080 --data /var/lib/tidemark --site shop --site blog
  $ ${tidemark} serve --site shop --goal 'Bought=purchase' --goal 'Read the docs=/docs/**'
  $ ${tidemark} serve --site shop --token-secret-file token-secret --allowed-origin https://dash.example
  $ ${tidemark} serve --host 0.0.0.0 --site shop --trusted-proxy 10.0.0.0/8 --country-header CF-IPCountry

Exit codes: 0 closed, 1 failed, 2 not understood.`

export function addServeCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
): void {
  const command = program
    .command('serve')
    .summary('run a server')
    .description('Runs a Tidemark server: the API, live streams, and the tracker for script tags.')
    .option('--port <number>', 'port to listen on; 0 for any that is free', parsePort, 4711)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--data <directory>', 'where the log is kept', '.tidemark')
    .addOption(
      new Option(
        '--durability <promise>',
        'what an event that was answered with 202 outlives: the process, or with fsync the machine too',
      )
        .choices(durabilities)
        .default('process'),
    )
    .option('--site <id>', 'a site that may be used; repeatable (default: any)', collect(parseSite))
    .option(
      '--country-header <name>',
      "header in which a trusted CDN says the visitor's country",
      parseHeaderName,
    )
    .option('--country-file <path>', "file in MaxMind's format that tells countries by address")
    .option(
      '--time-zone <name>',
      'where hours and days begin, such as Europe/Berlin (default: as before or UTC)',
      parseTimeZone,
    )
    .option(
      '--keep-minutes <duration>',
      'how long history is kept by minutes, 2h at least (default: as before or 48h)',
      parseRetention,
    )
    .option(
      '--keep-hours <duration>',
      'how long by hours, 2d at least (default: as before or 90d)',
      parseRetention,
    )
    .option(
      '--keep-days <duration>',
      'how long by days, 2d at least (default: as before or ever)',
      parseRetention,
    )
    .option(
      '--session-gap <duration>',
      'how long a visitor may be quiet within a session, 1m to 1d (default: as before or 30m)',
      parseDuration,
    )
    .option(
      '--goal <name=what>',
      'what visitors are wanted to do: an event, or a path with its slash; repeatable',
      collect(parseGoal),
    )
    .option(
      '--trusted-proxy <address>',
      'address or CIDR block whose X-Forwarded-For is believed; repeatable',
      collect(parseAddressBlock),
    )
    .option(
      '--allowed-origin <origin>',
      "origin whose pages may read, besides the server's own; repeatable (default: any)",
      collect(parseOrigin),
    )
  addTokenOptions(command)
    .addHelpText('after', examples(context.command))
    .action(async (flags: Flags) => finish(await serve(flags, context)))
}

async function serve(flags: Flags, context: CliContext): Promise<ExitCode> {
  const { host, durability, site: sites } = flags
  if (!sites && !isLoopback(host)) {
    return fail(
      context,
      `Other machines can reach ${host}: say with --site which sites there are.`,
      exitCodes.usage,
    )
  }
  const setup = readTokenOptions(flags, context)
  if ('failure' in setup) return fail(context, setup.failure, setup.code)
  const { tokens, readers, senders } = setup
  // Loaded here so that other commands do not open what only a server needs.
  const { createTidemark } = await import('../index.ts')
  const dataDir = resolvePath(flags.data)
  try {
    const tidemark = createTidemark({
      ...(sites && { sites }),
      ...(flags.goal && { goals: flags.goal }),
      storage: { dataDir, durability },
      history: {
        ...(flags.timeZone && { timeZone: flags.timeZone }),
        retentionMs: {
          ...(flags.keepMinutes && { minute: flags.keepMinutes }),
          ...(flags.keepHours && { hour: flags.keepHours }),
          ...(flags.keepDays && { day: flags.keepDays }),
        },
        ...(flags.sessionGap && { sessionGapMs: flags.sessionGap }),
      },
      access: {
        ...(tokens && { tokens }),
        ...(flags.allowedOrigin && { allowedOrigins: flags.allowedOrigin }),
      },
      proxy: {
        ...(flags.trustedProxy && { trusted: flags.trustedProxy }),
        ...(flags.countryHeader && { countryHeader: flags.countryHeader }),
      },
      ...(flags.countryFile && { countryFile: flags.countryFile }),
    })
    try {
      const app = withHomePage({ server: tidemark, acceptsAnySite: !sites, readers, senders })
      const { url } = await tidemark.listen({ port: flags.port, hostname: host, app })
      const recovery = await tidemark.ready
      const hasTracker = (await tidemark.fetch(new Request(`${url}/tidemark.js`))).ok
      const { command, stdout } = context
      const started = { command, url, dataDir, recovery, sites, hasTracker, readers, senders }
      writeLines(stdout, formatWelcome(started))
      await aborted(context.signal)
    } finally {
      await tidemark.close()
    }
  } catch (error) {
    // What options cannot be together, as two goals of one name.
    if (error instanceof TypeError) return fail(context, error.message, exitCodes.usage)
    return fail(context, explainStart(error, flags), exitCodes.failed)
  }
  writeLines(context.stdout, ['Closed.'])
  return exitCodes.done
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
