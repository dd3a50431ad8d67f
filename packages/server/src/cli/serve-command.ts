import type { Command } from 'commander'
import { CountryFileError, type SiteOptions, type TidemarkOptions } from '../index.ts'
import { type CliContext, type ExitCode, exitCodes, fail, writeLines } from './context.ts'
import { explainStart } from './explain-start.ts'
import { collectFlags } from './flag-values.ts'
import { type Given, type ServerSetup, type SetupFailure, prepareServer } from './prepare-server.ts'
import { describeInvalid, findAllFailures, findFailures } from './find-failures.ts'
import { reloadServer } from './reload-server.ts'
import { type ServeFlags, addServeOptions } from './serve-options.ts'
import { type SenderRule, firstSite, formatWelcome } from './welcome.ts'

const examples = (tidemark: string): string => `
Without --site, the server accepts any site ID, and its first use creates the site. By default the server
listens on 127.0.0.1, which only this machine can reach; --host changes the address.

Options are read from the command line, then from environment variables, then from tidemark.config.ts or
tidemark.config.json in this directory. SIGHUP reads them again and applies sites, goals, access rules, host
names and rates.
See docs/configuration.md.

History options are stored in the data directory. Without the option, the server uses the stored value.

Examples:
  $ ${tidemark} serve
  $ ${tidemark} serve --port 8080 --data /var/lib/tidemark --site shop --site blog
  $ ${tidemark} serve --site shop --goal 'Bought=purchase' --goal 'Read the docs=/docs/**'
  $ ${tidemark} serve --site shop --token-secret-file token-secret --allowed-origin https://dash.example
  $ ${tidemark} serve --site shop --public-channel currentVisitors --public-path '/products/**'
  $ ${tidemark} serve --host 0.0.0.0 --site shop --token-secret-file token-secret --trusted-proxy 10.0.0.0/8

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
  addServeOptions(command)
    .addHelpText('after', examples(context.command))
    .action(async (flags: ServeFlags) =>
      finish(await serve({ flags, values: collectFlags(command) }, context)),
    )
}

async function serve(given: Given, context: CliContext): Promise<ExitCode> {
  const setup = await prepareServer(given, context)
  if ('failures' in setup) {
    return failAll(context, { ...setup, failures: await findAllFailures(setup) })
  }
  try {
    return await runServer(given, setup, context)
  } catch (error) {
    if (describeInvalid(error, setup)) {
      const code = error instanceof CountryFileError ? exitCodes.failed : exitCodes.usage
      return failAll(context, { failures: await findFailures(setup), code })
    }
    const { host, port, dataDir: data } = setup
    return fail(context, explainStart(error, { host, port, data }), exitCodes.failed)
  }
}

function failAll(context: CliContext, { failures, code }: SetupFailure): ExitCode {
  for (const failure of failures) fail(context, failure, code)
  return code
}

/** Runs a server until the context's signal is aborted. */
async function runServer(given: Given, setup: ServerSetup, context: CliContext): Promise<ExitCode> {
  const { command, stdout, stderr, signal, onHangup } = context
  const { host: hostname, port, sites, readers, senders, options } = setup
  // Loaded on demand, so that other commands start faster.
  const { createTidemark } = await import('../index.ts')
  const { createLogger } = await import('../logging/logger.ts')
  const { withHomePage } = await import('./home-page.ts')
  const logger = createLogger(options.log ?? {}, 'info', stderr)
  const tidemark = createTidemark({ ...options, log: { logger } })
  const running = { tidemark, setup, logger }
  let reloads = Promise.resolve()
  const ignoreHangup = onHangup?.(() => {
    reloads = reloads.then(() => reloadServer(running, given, context))
  })
  try {
    const { scriptTag: tagOf } = tidemark
    const app = withHomePage({
      server: tidemark,
      scriptTag: tagOf,
      rules: () => running.setup,
    })
    const { url } = await tidemark.listen({ port, hostname, app })
    const recovery = await tidemark.ready
    const scriptTag = await tagOf({ site: firstSite(sites), url })
    const dataDir = setup.options.storage?.dataDir ?? ''
    const senderRules = toSenderRules(options.sites)
    const access = { readers, senders, senderRules, publicRule: setup.publicRule }
    const started = { command, url, dataDir, recovery, sites, scriptTag, ...access }
    writeLines(stdout, formatWelcome(started))
    await aborted(signal)
  } finally {
    ignoreHangup?.()
    const { drainMs, drainDelayMs } = setup
    // Storing is never interrupted by the server itself.
    const deadline = setTimeout(() => {
      logger.error({ kind: 'drain_timeout', ms: drainMs }, notStored)
      context.exit?.(exitCodes.failed)
    }, drainMs)
    await tidemark.close({ drainMs, drainDelayMs })
    clearTimeout(deadline)
  }
  writeLines(stdout, ['Stopped.'])
  return exitCodes.done
}

function toSenderRules(sites: TidemarkOptions['sites'] = []): readonly SenderRule[] {
  return sites.filter(
    (site): site is SiteOptions =>
      typeof site !== 'string' && (site.writeOrigins ?? site.writeKeys) !== undefined,
  )
}

const notStored =
  'The server did not store its checkpoint within drainMs. All accepted events are in the log; the next start counts them.'

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
