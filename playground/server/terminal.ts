import colors from 'picocolors'
import { siteId } from './site-options.ts'
import type { Switches } from './switches.ts'

const { bold, cyan, dim } = colors

/** Returns the terminal text after a successful start. */
export function welcomeText(url: string, simulation: Switches['simulation']): string {
  const shoppers =
    simulation === 'on'
      ? 'Simulated shoppers visit the shop. Use the switch on the dashboard to stop them.'
      : 'The shopper simulation is off. Use the switch on the dashboard to start it.'
  return [
    '',
    `  ${bold('Tidemark')} playground is running.`,
    '',
    `  Shop        ${cyan(url)}             ${dim('click around: every page view is tracked')}`,
    `  Dashboard   ${cyan(`${url}/dashboard`)}   ${dim('live numbers, and switches that break the network')}`,
    `  API         ${cyan(`${url}/api`)}`,
    '',
    `  ${dim('To track your own page, add')}`,
    `    <script defer src="${url}/tidemark.js" data-site="${siteId}"></script>`,
    `  ${dim('To replay an access log at one hour per second')}`,
    `    npx -y pnpm@12 tidemark replay access.log --site ${siteId} --speed 3600 --url ${url}/api`,
    '',
    `  ${dim(shoppers)}`,
    `  ${dim('Press Ctrl+C to stop.')}`,
    '',
  ].join('\n')
}

export const helpText = `Starts the demo shop, the dashboard and an analytics server on one port.

  npx -y pnpm@12 start [options]

  --port <number>       port to listen on; 0 for any free port   (PORT, default 4711)
  --host <address>      address to listen on                     (HOST, default 127.0.0.1)
  --data <directory>    directory of the event log               (default .tidemark/playground)
  --simulation on|off   whether simulated shoppers visit         (SIMULATION, default on)

With the simulation on, a new data directory starts with thirty days of simulated history.`

/** Describes a failed start and its remedy, in one or two sentences. */
export function describeStartError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const port = error instanceof Error && 'port' in error ? String(error.port) : 'this'
  if (code === 'EADDRINUSE') {
    return `Port ${port} is in use, perhaps by another playground. Use another port and data directory: npx -y pnpm@12 start --port 4712 --data .tidemark/second`
  }
  if (code === 'EACCES') {
    return `This user may not listen on port ${port}. Use a port above 1023: npx -y pnpm@12 start --port 4712`
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return 'The --host address does not belong to this machine. Use 127.0.0.1 or 0.0.0.0.'
  }
  return error instanceof Error ? error.message : String(error)
}
