import process from 'node:process'
import { parseArgs } from 'node:util'
import colors from 'picocolors'
import { type PlaygroundOptions, startPlayground } from './playground.ts'
import { explain, help, welcome } from './terminal.ts'

/** What `pnpm start` runs: the playground, until Ctrl+C. */

/** Conventional: 128 and the number of the signal. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

interface Settings {
  port: number
  hostname: string
  dataDir: string | undefined
  simulation: 'on' | 'off'
}

/** @throws {TypeError} for what is not understood, with a sentence for the user */
function readSettings(): Settings | 'help' {
  const words = process.argv.slice(2)
  const { values } = parseArgs({
    // npm wants `--` before options and takes it away; pnpm passes it on.
    args: words[0] === '--' ? words.slice(1) : words,
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
    throw new TypeError(`The port has to be a number from 0 to 65535, not ${values.port}.`)
  }
  if (values.simulation !== 'on' && values.simulation !== 'off') {
    throw new TypeError(`The simulation can be on or off, not ${values.simulation}.`)
  }
  const { host: hostname, data: dataDir, simulation } = values
  return { port, hostname, dataDir, simulation }
}

async function run(settings: Settings): Promise<void> {
  const { dataDir, ...rest } = settings
  const options: PlaygroundOptions = { ...rest, ...(dataDir && { dataDir }) }
  const playground = await startPlayground(options)
  console.log(welcome(playground.url, settings.simulation))

  let isClosing = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // Who asks twice does not want to wait.
      if (isClosing) process.exit(exitCodes[signal])
      isClosing = true
      void playground
        .close()
        .finally(() => process.exit(signal === 'SIGINT' ? 0 : exitCodes[signal]))
    })
  }
}

try {
  const settings = readSettings()
  if (settings === 'help') console.log(help)
  else await run(settings)
} catch (error) {
  console.error(`${colors.red('The playground did not start.')} ${explain(error)}`)
  process.exitCode = 1
}
