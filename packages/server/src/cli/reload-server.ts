import type { Tidemark } from '../index.ts'
import type { Logger } from '../logging/logger.ts'
import type { CliContext } from './context.ts'
import { type Given, type ServerSetup, prepareServer } from './prepare-server.ts'
import { describeInvalid, tryOptions } from './find-failures.ts'

/** A running server with the configuration that it has. */
export interface RunningServer {
  readonly tidemark: Tidemark
  setup: ServerSetup
  readonly logger: Logger
}

/** Fields of the command that need a restart. The server itself names those of `createTidemark`. */
const ownFields = ['port', 'host', 'drainMs', 'drainDelayMs'] as const

const notReloaded = 'The configuration was not reloaded. The previous one stays in force.'

/** Reads the configuration again and applies it, or refuses it as a whole. Logs the result. Never rejects. */
export async function reloadServer(
  running: RunningServer,
  given: Given,
  context: CliContext,
): Promise<void> {
  const { logger } = running
  function refuse(failures: readonly string[]): void {
    for (const failure of failures) logger.error({ kind: 'configuration_invalid' }, failure)
    logger.error({ kind: 'reload_refused' }, notReloaded)
  }
  try {
    const setup = await prepareServer(given, context)
    if ('failures' in setup) {
      const others = setup.setup ? await tryOptions(setup.setup) : []
      return refuse([...new Set([...setup.failures, ...others])])
    }
    const failures = await tryOptions(setup)
    if (failures.length > 0) return refuse(failures)
    const changed = ownFields.filter(name => setup[name] !== running.setup[name])
    const { needsRestart } = await running.tidemark.reload(setup.options)
    running.setup = { ...running.setup, ...pickRules(setup) }
    const fields = [...changed, ...needsRestart]
    logger.info({ kind: 'reload' }, 'The configuration was reloaded.')
    if (fields.length === 0) return
    const message = `Restart the server to apply: ${fields.join(', ')}.`
    logger.warn({ kind: 'restart_needed', fields }, message)
  } catch (error) {
    refuse(describeInvalid(error, running.setup) ?? [String(error)])
  }
}

function pickRules({
  sites,
  readers,
  senders,
}: ServerSetup): Pick<ServerSetup, 'sites' | 'readers' | 'senders'> {
  return { sites, readers, senders }
}
