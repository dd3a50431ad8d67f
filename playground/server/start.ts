import process from 'node:process'
import { parseArgs } from 'node:util'
import colors from 'picocolors'
import { type PlaygroundOptions, startPlayground } from './playground.ts'
import { describeStartError, helpText, welcomeText } from './terminal.ts'

/** Entry point of `pnpm start`: runs the playground until Ctrl+C. */

/** By convention 128 plus the signal number. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

interface Settings {
  port: number
  hostname: string
  dataDir: string | undefined
  simulation: 'on' | 'off'
}

/** Parses command-line options and environment variables. @throws {TypeError} for an invalid value */
function parseSettings(): Settings | 'help' {
  const argv = process.argv.slice(2)
  const { values } = parseArgs({
    // npm removes the `--` before the options; pnpm passes it through.
    args: argv[0] === '--' ? argv.slice(1) : argv,
    options: {
      port: { type: 'string', default: process.env['PORT'] ?? '4711' },
      host: { type: 'string', default: process.env['HOST'] ?? '127.0.0.1' },
      data: { type: 'string' },
      simulation: { type: 'string', default: process.env['SIMULATION'] ?? 'on' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  const port = Number(values.port)
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535) {
    throw new TypeError(`--port must be a number from 0 to 65535, not '${values.port}'.`)
  }
  if (values.simulation !== 'on' && values.simulation !== 'off') {
    throw new TypeError(`--simulation must be 'on' or 'off', not '${values.simulation}'.`)
  }
  const { host: hostname, data: dataDir, simulation } = values
  return { port, hostname, dataDir, simulation }
}

async function run(settings: Settings): Promise<void> {
  const { dataDir, ...rest } = settings
  const historyDays = settings.simulation === 'on' ? 30 : 0
  const options: PlaygroundOptions = { ...rest, historyDays, ...(dataDir && { dataDir }) }
  const playground = await startPlayground(options)
  console.log(welcomeText(playground.url, settings.simulation))

  let isClosing = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // A second signal exits immediately.
      if (isClosing) process.exit(exitCodes[signal])
      isClosing = true
      void playground
        .close()
        .finally(() => process.exit(signal === 'SIGINT' ? 0 : exitCodes[signal]))
    })
  }
}

try {
  const settings = parseSettings()
  if (settings === 'help') console.log(helpText)
  else await run(settings)
} catch (error) {
  console.error(`${colors.red('The playground did not start.')} ${describeStartError(error)}`)
  process.exitCode = 1
}
