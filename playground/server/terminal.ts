import colors from 'picocolors'
import { siteId } from './playground.ts'
import type { Switches } from './switches.ts'

const { bold, cyan, dim } = colors

/** What stands in the terminal once all is up. */
export function welcome(url: string, simulation: Switches['simulation']): string {
  const shoppers =
    simulation === 'on'
      ? 'Simulated shoppers come and go, marked as such; the dashboard has a switch for them.'
      : 'Nobody is simulated; the dashboard has a switch for that.'
  return [
    '',
    `  ${bold('Tidemark')} runs on this machine.`,
    '',
    `  Shop        ${cyan(url)}             ${dim('tracked: click around in it')}`,
    `  Dashboard   ${cyan(`${url}/dashboard`)}   ${dim('live: break the network there')}`,
    `  API         ${cyan(`${url}/api`)}`,
    '',
    `  ${dim('To track a page of your own, paste')}`,
    `    <script defer src="${url}/tidemark.js" data-site="${siteId}"></script>`,
    `  ${dim("To replay a web server's log, an hour in a second")}`,
    `    npx -y pnpm@12 tidemark replay access.log --site ${siteId} --speed 3600 --url ${url}/api`,
    '',
    `  ${dim(shoppers)}`,
    `  ${dim('Ctrl+C stops everything.')}`,
    '',
  ].join('\n')
}

export const help = `Runs the shop, the dashboard and an analytics server on one port.

  npx -y pnpm@12 start [options]

  --port <number>       port to listen on; 0 for any that is free   (PORT, 4711)
  --host <address>      address to listen on                        (HOST, 127.0.0.1)
  --data <directory>    where the log is kept                       (.tidemark/playground)
  --simulation on|off   whether simulated shoppers come             (SIMULATION, on)`

/** What went wrong with a start, in a sentence that says what to do. */
export function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const port = error instanceof Error && 'port' in error ? String(error.port) : 'this'
  if (code === 'EADDRINUSE') {
    return `Port ${port} is in use, perhaps by another playground. Choose one, and a directory of its own: npx -y pnpm@12 start --port 4712 --data .tidemark/second`
  }
  if (code === 'EACCES') {
    return `This user may not listen on port ${port}. Choose one: npx -y pnpm@12 start --port 4712`
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return 'This machine has no such address. Choose another with --host.'
  }
  return error instanceof Error ? error.message : String(error)
}
