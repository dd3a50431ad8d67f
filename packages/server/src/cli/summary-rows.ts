import { lineErrors } from '../access-log/format/entry.ts'
import type { LineCounts } from '../access-log/line-counter.ts'
import type { RuleSource, SiteRules } from '../import/site-rules.ts'
import { formatCount, formatTime, toPrintable } from './text.ts'

export function formatRow(name: string, count: number, note = ''): string {
  return `${name.padEnd(24)}${formatCount(count).padStart(12)}${note && `   ${note}`}`
}

/**
 * Formats the lines of an access log by kind, with the first parse errors.
 * @param listsUnparsed whether the parse errors are listed. Otherwise an earlier summary of the log has them
 */
export function formatLineCounts(
  counts: Omit<LineCounts, 'lines'>,
  listsUnparsed = true,
): string[] {
  const { unparsedLines, blankLines, directiveLines, viewsWithoutClient } = counts
  return [
    formatRow('  page views', counts.pageViews),
    formatRow('  assets and feeds', counts.assets),
    formatRow('  redirects', counts.redirects),
    formatRow('  failed requests', counts.failedRequests),
    formatRow('  other methods', counts.otherMethods),
    formatRow('  not parsed', unparsedLines, unparsedLines > 0 && !listsUnparsed ? 'as above' : ''),
    ...(listsUnparsed ? formatUnparsed(counts) : []),
    ...(blankLines > 0 ? [formatRow('  blank', blankLines)] : []),
    ...(directiveLines > 0 ? [formatRow('  of the format itself', directiveLines)] : []),
    ...formatHosts(counts),
    ...(counts.excludedLines > 0
      ? [formatRow('  of excluded addresses', counts.excludedLines)]
      : []),
    ...(viewsWithoutClient > 0 ? [formatRow('Page views without client', viewsWithoutClient)] : []),
  ]
}

function formatUnparsed({
  unparsedLines,
  firstUnparsed,
}: Pick<LineCounts, 'unparsedLines' | 'firstUnparsed'>): string[] {
  const more = unparsedLines - firstUnparsed.length
  return [
    ...firstUnparsed.flatMap(({ line, error, text }) => [
      `      line ${line}: ${lineErrors[error]}`,
      ...(text === '' ? [] : [`        ${text}`]),
    ]),
    ...(more > 0 ? [`      and ${formatCount(more)} more`] : []),
  ]
}

/**
 * Formats a note on the rules of an import: those of a configuration, or the defaults before the first server.
 * @param configName name of the configuration
 */
export function formatRuleNote(source: RuleSource, configName = ''): string[] {
  if (source === 'server') return []
  if (source === 'configuration') return [`Rules of this import: ${toPrintable(configName)}`]
  return [
    'No server has stored rules for pages, hosts and excluded addresses in the data directory: the defaults apply.',
    'If your server has such rules, name its configuration with --config.',
  ]
}

/** Describes the rules of a configuration that the last server did not have. */
export function describeChangedRules(
  { changed }: Pick<SiteRules, 'changed'>,
  site: string,
  { configName = '', data }: { readonly configName: string | undefined; readonly data: string },
): string[] {
  if (changed.length === 0) return []
  return [
    `The last server on ${toPrintable(data)} had other rules of the site ${site}: ${changed.join(', ')}.`,
    `This import counts by ${toPrintable(configName)}. History that is stored stays as it is.`,
  ]
}

/** Formats the page views that no figure but `by=hostName` has. */
export function formatUnlistedHosts(views: number): string[] {
  if (views === 0) return []
  return [
    formatRow('Views on unlisted hosts', views, "not counted: the site's hostNames lack the host"),
  ]
}

/** Formats the requests by host, if there are several. */
function formatHosts({ hosts, missingHosts, otherHostLines }: Omit<LineCounts, 'lines'>): string[] {
  if (hosts.length < 2 && otherHostLines === 0) return []
  const list = hosts
    .map(({ host, lines }) => `${toPrintable(host)} ${formatCount(lines)}`)
    .join(', ')
  return [
    formatRow('  of other hosts', otherHostLines),
    `      requests by host: ${list === '' ? 'none, because the log has no hosts' : list}`,
    ...missingHosts.map(host => `      no request to ${toPrintable(host)}: check its spelling`),
  ]
}

/** Formats the time range of the log as `FROM to TO`, or as an empty text for a log without entries. */
export function formatTimeRange({
  earliestAt,
  latestAt,
}: Pick<LineCounts, 'earliestAt' | 'latestAt'>): string {
  if (earliestAt === undefined || latestAt === undefined) return ''
  return `${formatTime(earliestAt)} to ${formatTime(latestAt)}`
}
