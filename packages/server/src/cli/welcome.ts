import type { PublicRule, Recovery } from '../index.ts'
import { trackerBuildCommand } from '../shared/tracker-build-command.ts'
import { describeDamage } from './damage.ts'
import { formatCount } from './text.ts'

/** A server that has just started. */
export interface StartedServer {
  /** Command that the user types; see `commandOf`. */
  command: string
  url: string
  dataDir: string
  recovery: Recovery
  sites: readonly string[] | undefined
  /** Script tag for the first site; `undefined` in a clone of the workspace where the tracker is not built yet. */
  scriptTag: string | undefined
  readers: AccessRule
  senders: AccessRule
  /** Sites with rules for their senders. */
  senderRules?: readonly SenderRule[]
  /** Figures that anyone may read. */
  publicRule?: PublicRule | undefined
}

/** Rule of one site for its senders; see `SiteOptions`. */
export interface SenderRule {
  id: string
  writeOrigins?: readonly string[]
  writeKeys?: readonly string[]
}

/** Clients with access: all, those with a token of an external key pair, or those with a token of our secret. */
export type AccessRule = 'anyone' | 'key' | SecretTokens

export interface SecretTokens {
  /** File with the secret; `undefined` when the environment has it. */
  secretFile: string | undefined
}

/** Formats the message of a started server: URL, settings and next steps. */
export function formatWelcome(started: StartedServer): string[] {
  const { command, url, dataDir, recovery, sites, senders } = started
  const site = firstSite(sites)
  return [
    `Tidemark runs at ${url}`,
    `  API    ${url}/api`,
    `  data   ${dataDir} (${describeRecovery(recovery)})`,
    ...describeDamage(recovery).map(line => `         ${line}`),
    `  sites  ${sites ? [...new Set(sites)].join(', ') : 'any ID; the first use of an ID creates the site'}`,
    `  read   ${describeReaders(started, `${command} token --site ${site}`)}`,
    ...describeSenders(started, `${command} token --site ${site} --scope write`),
    '',
    ...(senders === 'anyone' ? formatNextSteps(started, site) : [pagesCannotSend]),
    '',
    'Press Ctrl+C to stop the server.',
  ]
}

/** Returns the site in the examples of the message. */
export function firstSite(sites: readonly string[] | undefined): string {
  return sites?.[0] ?? 'my-site'
}

/** Describes the events that were logged after the last checkpoint and are counted again at the start. */
function describeRecovery({ events, durationMs }: Recovery): string {
  if (events === 0) return 'up to date'
  return `recovered ${formatCount(events)} events in ${(durationMs / 1000).toFixed(1)} s`
}

function formatNextSteps(started: StartedServer, site: string): string[] {
  const { command, url, scriptTag, senderRules } = started
  // `replay` sends neither an origin nor a key.
  const refusesReplay = senderRules?.some(({ id, writeOrigins }) => id === site && writeOrigins)
  return [
    ...(scriptTag !== undefined
      ? ['To track a page, add this tag to it:', `  ${scriptTag}`]
      : [
          'The tracker script has not been built. Build it; the server then serves it without a restart:',
          `  ${trackerBuildCommand}`,
        ]),
    ...(refusesReplay
      ? []
      : [
          "To replay a web server's access log:",
          `  ${command} replay access.log --site ${site} --speed 3600 --url ${url}/api`,
        ]),
  ]
}

/** Describes the senders: the general rule, then the sites with rules of their own, in a line each. */
function describeSenders(started: StartedServer, tokenCommand: string): string[] {
  const { senders, sites, senderRules = [] } = started
  const ofSites = senderRules.map(rule => `${rule.id}: ${describeSenderRule(rule, senders)}`)
  const hasOthers = !sites || sites.some(id => senderRules.every(rule => rule.id !== id))
  const isGeneral = hasOthers || senders !== 'anyone'
  const lines = [...(isGeneral ? [describeAccess(senders, tokenCommand)] : []), ...ofSites]
  return lines.map((line, index) => `${index === 0 ? '  send   ' : '         '}${line}`)
}

function describeSenderRule(
  { writeOrigins, writeKeys = [] }: SenderRule,
  senders: AccessRule,
): string {
  const isOpen = senders === 'anyone'
  const pages = writeOrigins
    ? writeOrigins.map(origin => `pages of ${origin}`)
    : ['anyone without a key']
  const keys = writeKeys.length > 0 ? ['servers with a write key'] : []
  if (isOpen) return [...pages, ...keys].join(', ')
  return writeOrigins
    ? `with a token; of pages, only those of ${writeOrigins.join(', ')}`
    : 'with a token'
}

/** The script tag and `replay` have no option for a token. */
const pagesCannotSend =
  'Pages cannot send events, because a page cannot keep a token secret. Send events from your own server.'

function describeReaders({ readers, publicRule }: StartedServer, tokenCommand: string): string {
  const rest = describeAccess(readers, tokenCommand)
  if (!publicRule) return rest
  const { channels, paths } = publicRule
  const isLimited = channels !== undefined || paths !== undefined
  const names = isLimited
    ? [...(channels ?? []), ...(paths ?? [])].join(', ')
    : 'everything but recentEvents'
  if (names === '') return readers === 'anyone' ? 'without a token: nothing' : rest
  return `without a token: ${names}; ${readers === 'anyone' ? 'nothing else' : `the rest ${rest}`}`
}

/** @param tokenCommand command that creates a token, without the option for the secret */
function describeAccess(rule: AccessRule, tokenCommand: string): string {
  if (rule === 'anyone') return 'without a token'
  if (rule === 'key') return 'with a token signed with the private key of your key pair'
  const { secretFile } = rule
  const option = secretFile === undefined ? '' : ` --secret-file ${toShellWord(secretFile)}`
  return `with a token; create one with \`${tokenCommand}${option}\``
}

function toShellWord(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
