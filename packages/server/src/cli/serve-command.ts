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
Without --site, the server accepts any site ID, and its first use creates the site. By default the server
listens on 127.0.0.1, which only this machine can reach; --host changes the address.

History options are stored in the data directory. Without the option, the server uses the stored value.

Examples:
  $ ${tidemark} serve
  $ ${tidemark} serve --port 8080 --data /var/lib/tidemark --site shop --site blog
  $ ${tidemark} serve --site shop --goal 'Bought=purchase' --goal 'Read the docs=/docs/**'
  $ ${tidemark} serve --site shop --token-secret-file token-secret --allowed-origin https://dash.example
  $ ${tidemark} serve --host 0.0.0.0 --site shop --trusted-proxy 10.0.0.0/8 --country-header CF-IPCountry

Exit codes: 0 stopped, 1 failure, 2 invalid command line.`

export function addServeCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
): void {
  const command = program
    .command('serve')
    .summary('run a server')
    .description('Runs a Tidemark server: the API, live streams, and the tracker for script tags.')
    .option('--port <number>', 'port to listen on; 0 picks a free port', parsePort, 4711)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--data <directory>', 'data directory', '.tidemark')
    .addOption(
      new Option(
        '--durability <level>',
        'accepted events survive a crash of the process; with fsync also a crash of the machine',
      )
        .choices(durabilities)
        .default('process'),
    )
    .option('--site <id>', 'site to accept; repeatable (default: any)', collect(parseSite))
    .option(
      '--country-header <name>',
      "header of a trusted CDN with the visitor's country code",
      parseHeaderName,
    )
    .option('--country-file <path>', 'MaxMind database that maps IP addresses to countries')
    .option(
      '--time-zone <name>',
      'time zone of hours and days, such as Europe/Berlin (default: stored or UTC)',
      parseTimeZone,
    )
    .option(
      '--keep-minutes <duration>',
      'retention of history by minutes, from 2h to forever (default: stored or 48h)',
      parseRetention,
    )
    .option(
      '--keep-hours <duration>',
      'retention of history by hours, from 2d to forever (default: stored or 90d)',
      parseRetention,
    )
    .option(
      '--keep-days <duration>',
      'retention of history by days, from 2d to forever (default: stored or forever)',
      parseRetention,
    )
    .option(
      '--session-gap <duration>',
      'longest gap between two events of one session, 1m to 1d (default: stored or 30m)',
      parseDuration,
    )
    .option(
      '--goal <name=target>',
      'goal with the event or the /path that reaches it; repeatable',
      collect(parseGoal),
    )
    .option(
      '--trusted-proxy <address>',
      'IP address or CIDR block of a proxy whose X-Forwarded-For is trusted; repeatable',
      collect(parseAddressBlock),
    )
    .option(
      '--allowed-origin <origin>',
      "origin of pages that may read, besides the server's own; repeatable (default: any)",
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
      `--host ${host} is reachable from other machines, so --site is required. Name each site with --site ID.`,
      exitCodes.usage,
    )
  }
  const setup = readTokenOptions(flags, context)
  if ('failure' in setup) return fail(context, setup.failure, setup.code)
  const { tokens, readers, senders } = setup
  // Loaded on demand, so that other commands start faster.
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
    // Invalid combinations of options, such as two goals of one name.
    if (error instanceof TypeError) return fail(context, error.message, exitCodes.usage)
    return fail(context, explainStart(error, flags), exitCodes.failed)
  }
  writeLines(context.stdout, ['Stopped.'])
  return exitCodes.done
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
