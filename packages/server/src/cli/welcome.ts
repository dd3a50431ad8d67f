import type { Recovery } from '../index.ts'
import { describeDamage } from './damage.ts'
import { formatCount } from './text.ts'

export interface StartedServer {
  /** How the command is written here. */
  command: string
  url: string
  dataDir: string
  recovery: Recovery
  sites: readonly string[] | undefined
  /** Whether the tracker for script tags is there; in a clone it has to be built first. */
  hasTracker: boolean
  readers: AccessRule
  senders: AccessRule
}

/** Who may: anyone, or who has a token that was signed with somebody else's key, or with our secret. */
export type AccessRule = 'anyone' | 'key' | SecretTokens

export interface SecretTokens {
  /** Where the secret is; `undefined` when it is in the environment. */
  secretFile: string | undefined
}

/** What runs where, and what to do next. */
export function formatWelcome(started: StartedServer): string[] {
  const { command, url, dataDir, recovery, sites, readers, senders } = started
  const site = sites?.[0] ?? 'my-site'
  return [
    `Tidemark runs at ${url}`,
    `  API    ${url}/api`,
    `  log    ${dataDir} (${describeRecovery(recovery)})`,
    ...describeDamage(recovery).map(line => `         ${line}`),
    `  sites  ${sites ? [...new Set(sites)].join(', ') : 'any: a site is made when it is first named'}`,
    `  reads  ${describeWho(readers, `${command} token --site ${site}`)}`,
    `  sends  ${describeWho(senders, `${command} token --site ${site} --scope write`)}`,
    '',
    ...(senders === 'anyone' ? invitation(started, site) : [noInvitation]),
    '',
    'Ctrl+C closes the server.',
  ]
}

/** What a start had to do again: what came after the last time that a site was kept. */
function describeRecovery({ events, durationMs }: Recovery): string {
  if (events === 0) return 'nothing to count again'
  return `${formatCount(events)} events counted again in ${(durationMs / 1000).toFixed(1)} s`
}

function invitation({ command, url, hasTracker }: StartedServer, site: string): string[] {
  return [
    ...(hasTracker
      ? [
          'Paste this into a page:',
          `  <script defer src="${url}/tidemark.js" data-site="${site}"></script>`,
        ]
      : [
          'There is no tracker for pages yet. Build it; the server need not be started again:',
          '  npx -y pnpm@12 --filter @tidemark/sdk build',
        ]),
    "Or send a web server's log:",
    `  ${command} replay access.log --site ${site} --speed 3600 --url ${url}/api`,
  ]
}

/** Neither a script tag nor `replay` shows a token. */
const noInvitation =
  'Pages cannot send here, as they can keep no token: send from a server of yours.'

/** @param command what makes a token of ours, but for the secret's file */
function describeWho(who: AccessRule, command: string): string {
  if (who === 'anyone') return 'anyone who reaches it'
  if (who === 'key') return 'who has a token that was signed with the private half of your key'
  const { secretFile } = who
  const option = secretFile === undefined ? '' : ` --secret-file ${toShellWord(secretFile)}`
  return `who has a token: \`${command}${option}\` makes one`
}

function toShellWord(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
