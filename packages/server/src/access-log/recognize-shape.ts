import type { LogFormat } from './format/entry.ts'
import { compileFormat } from './format/format-string.ts'
import { findPreset } from './format/presets.ts'
import { type Head, type Shape, isAddressList, shapeOf } from './shape.ts'

/** Formats that fit the lines of a sample, the best one first; or the reason for which none does. */
export type ShapeResult =
  | { kind: 'formats'; formats: readonly LogFormat[] }
  | { kind: 'none' }
  | { kind: 'refused'; reason: string }

/** A format with less than a tenth of the lines of the best one is taken for damaged lines. */
const leastShare = 0.1

/** Finds the format of lines that extend Combined Log Format. */
export function recognizeShape(lines: readonly string[]): ShapeResult {
  const shapes = lines.map(shapeOf).filter(shape => shape !== undefined)
  const groups = [...Map.groupBy(shapes, ({ head, extras }) => `${head} ${extras}`).values()]
  const most = Math.max(0, ...groups.map(({ length }) => length))
  const [best, ...others] = groups
    .filter(({ length }) => length >= most * leastShare)
    .toSorted((a, b) => b.length - a.length)
  // Host names of some clients, as a server with name lookups writes them.
  const candidates = [best ?? [], ...others.filter(([shape]) => shape?.head !== 'no address')]
  const results = candidates.map(toFormats)
  const [first] = results
  if (!first) return { kind: 'none' }
  const refusal = results.find(({ kind }) => kind === 'refused')
  if (refusal) return refusal
  return { kind: 'formats', formats: results.flatMap(result => formatsOf(result)) }
}

function formatsOf(result: ShapeResult): readonly LogFormat[] {
  return result.kind === 'formats' ? result.formats : []
}

function toFormats(shapes: readonly Shape[]): ShapeResult {
  const [first] = shapes
  if (!first) return { kind: 'none' }
  const { head, extras } = first
  if (head === 'no address') return { kind: 'refused', reason: noAddress }
  const withTail = shapes.filter(({ hasTail }) => hasTail)
  if (!hasPlausibleTail(withTail)) return { kind: 'refused', reason: noTail }
  if (head === 'two clients') {
    return {
      kind: 'formats',
      formats: twoClientHeads.map(text => toFormat(text, extras, withTail)),
    }
  }
  const forwarded = forwardedIndexes(withTail)
  if (forwarded.length > 1) {
    const formats = forwarded.map(index => toFormat(heads[head], extras, withTail, index))
    return { kind: 'formats', formats }
  }
  return { kind: 'formats', formats: [toNamedFormat(head, extras, withTail, forwarded[0])] }
}

const noAddress =
  'the client field, which comes first in Common and Combined Log Format, is no IP address. If the log has host ' +
  "names of clients, use --format combined; if the site's name comes first, name the fields, for example " +
  `--format '%v %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"'`

const noTail =
  'the quoted fields after the size are no referrer and user agent. Name the fields with --format, for example ' +
  `--format '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$host" "$http_referer" "$http_user_agent"'`

const heads: Readonly<Record<Exclude<Head, 'two clients' | 'no address'>, string>> = {
  client: '$remote_addr $_ $remote_user',
  'host client': '$server_name $remote_addr $_ $remote_user',
  'host client user': '$server_name $remote_addr $remote_user',
  'client host': '$remote_addr $server_name $remote_user',
  forwarded: '$http_x_forwarded_for $_ $remote_user',
}

const twoClientHeads = ['$remote_addr $_ $remote_user', '$_ $remote_addr $remote_user']

/** Most referrers are URLs, and most user agents are not. One line alone may have anything, because clients send it. */
function hasPlausibleTail(shapes: readonly Shape[]): boolean {
  const referrers = shapes.map(({ referrer }) => referrer).filter(isPresent)
  const agents = shapes.map(({ userAgent }) => userAgent).filter(isPresent)
  const others = referrers.filter(referrer => !isUrl(referrer)).length
  const urls = agents.filter(isUrl).length
  const isMost = (part: number, all: number): boolean => part > 1 && part * 2 > all
  return !isMost(others, referrers.length) && !isMost(urls, agents.length)
}

const isPresent = (text: string): boolean => text !== '' && text !== '-'
const isUrl = (text: string): boolean => /^[a-z][a-z\d+.-]*:\/\//i.test(text)

/** Returns the indexes of the fields after the user agent that have addresses. */
function forwardedIndexes(shapes: readonly Shape[]): number[] {
  const indexes = new Set<number>()
  for (const { more } of shapes) {
    for (const [index, text] of more.entries()) if (isAddressList(text)) indexes.add(index)
  }
  return [...indexes].toSorted((a, b) => a - b)
}

function toNamedFormat(
  head: keyof typeof heads,
  extras: number,
  shapes: readonly Shape[],
  forwarded: number | undefined,
): LogFormat {
  const name = presetOf(head, extras, shapes, forwarded)
  return (name && findPreset(name)) || toFormat(heads[head], extras, shapes, forwarded)
}

function presetOf(
  head: keyof typeof heads,
  extras: number,
  shapes: readonly Shape[],
  forwarded: number | undefined,
): string | undefined {
  if (head === 'client' && shapes.length === 0) return 'common'
  if (extras > 0 || shapes.length === 0) return undefined
  const isOneQuoted = shapes.every(({ more }) => more.length === 1)
  const isAbsent = shapes.every(({ more: [text = ''] }) => text === '"-"' || isAddressList(text))
  if (head === 'client' && isOneQuoted && isAbsent) return 'nginx-forwarded'
  if (forwarded !== undefined) return undefined
  if (head === 'host client') return 'vhost-combined'
  if (head !== 'client') return undefined
  return shapes.every(isTraefik) ? 'traefik-clf' : 'combined'
}

function isTraefik({ more }: Shape): boolean {
  const [count = '', router = '', server = '', duration = '', ...rest] = more
  const isQuoted = router.startsWith('"') && server.startsWith('"')
  return rest.length === 0 && /^\d+$/.test(count) && isQuoted && /^\d+ms$/.test(duration)
}

/** Writes a format string of nginx, which a user may change and declare. */
function toFormat(
  head: string,
  extras: number,
  shapes: readonly Shape[],
  forwarded?: number,
): LogFormat {
  const start = `${head} [$time_local] "$request" $status $body_bytes_sent${' $_'.repeat(extras)}`
  const [first] = shapes
  if (!first) return compileFormat(`${start} ...`)
  const more = first.more
    .slice(0, forwarded === undefined ? 0 : forwarded + 1)
    .map((text, index) => {
      const name = index === forwarded ? '$http_x_forwarded_for' : '$_'
      if (text.startsWith('"')) return ` "${name}"`
      return text.startsWith('[') ? ` [${name}]` : ` ${name}`
    })
  const end = shapes.every(shape => shape.more.length === more.length) ? '' : ' ...'
  return compileFormat(`${start} "$http_referer" "$http_user_agent"${more.join('')}${end}`)
}
