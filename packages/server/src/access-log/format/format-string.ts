import { apacheSyntax } from './apache-syntax.ts'
import type { LogFormat } from './entry.ts'
import type { ColumnName } from './entry-reader.ts'
import { FormatError } from './format-error.ts'
import type { FormatField, FormatPart } from './format-part.ts'
import { nginxSyntax } from './nginx-syntax.ts'
import { type TimeParser, compileTime } from './strftime.ts'
import { type Template, createTemplateFormat } from './template.ts'

/** At the end of a format string: a line may have more fields. */
const more = ' ...'

const maxFormatLength = 4096

/**
 * Compiles the string of nginx's `log_format` or of Apache's `LogFormat`. The text may be the whole directive, with its
 * quotes. Unknown variables are ignored fields. ` ...` at the end allows more fields there.
 * @throws {FormatError} for a string without a client, time, request or status, or whose fields cannot be told apart
 */
export function compileFormat(text: string): LogFormat {
  return createTemplateFormat(text, toTemplate(text))
}

export function toTemplate(text: string): Template {
  if (text.length > maxFormatLength) {
    const start = `${text.slice(0, 40)}…`
    throw new FormatError(start, `it is longer than ${maxFormatLength} characters`)
  }
  const isNginx = /\$[a-z_{]/i.test(text)
  if (!isNginx && !text.includes('%')) {
    throw new FormatError(text, 'it has no variables such as $remote_addr or %h')
  }
  const syntax = isNginx ? nginxSyntax : apacheSyntax
  const string = syntax.toString(text.trim())
  const mayHaveMore = string.endsWith(more)
  const source = mayHaveMore ? string.slice(0, -more.length) : string
  const parts = joinAdjacent(syntax.toParts(source))
  checkParts(text, parts)
  return { ...toFields(parts), parseTime: toTimeParser(text, parts), mayHaveMore }
}

/** Joins fields that form one value: a path and its query, and literals. */
function joinAdjacent(parts: readonly FormatPart[]): FormatPart[] {
  const joined: FormatPart[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    if (typeof part === 'string' && typeof last === 'string') {
      joined[joined.length - 1] = last + part
    } else if (isField(last) && isField(part) && isTarget(last.column) && part.column === 'query') {
      joined[joined.length - 1] = { column: 'target', text: last.text + part.text }
    } else if (part !== '') {
      joined.push(part)
    }
  }
  return joined
}

const isTarget = (column: ColumnName): boolean => column === 'path' || column === 'target'

function isField(part: FormatPart | undefined): part is FormatField {
  return typeof part === 'object'
}

function checkParts(text: string, parts: readonly FormatPart[]): void {
  const fields = parts.filter(isField)
  const columns = fields.map(({ column }) => column)
  const has = (...names: ColumnName[]): boolean => names.some(name => columns.includes(name))
  const forwarded = fields.filter(({ column }) => column.startsWith('forwarded'))
  if (!has('address', 'clientName', 'peer', 'forwarded', 'forwardedElements')) {
    throw new FormatError(text, 'it has no client: $remote_addr, %h or %a')
  }
  if (!has('time')) throw new FormatError(text, 'it has no time: $time_local or %t')
  if (!has('request', 'target', 'path')) {
    throw new FormatError(text, 'it has no request: $request or %r')
  }
  if (!has('status')) throw new FormatError(text, 'it has no status: $status or %>s')
  if (forwarded.length > 1) {
    const names = forwarded.map(field => field.text).join(' and ')
    throw new FormatError(text, `${names} can both be the client. Write $_ for the other one`)
  }
  const index = parts.findIndex((part, i) => isField(part) && isField(parts[i + 1]))
  const [first, second] = [parts[index], parts[index + 1]]
  if (isField(first) && isField(second)) {
    throw new FormatError(text, `no text separates ${first.text} from ${second.text}`)
  }
}

/** Only the first time counts, except for the formats of `strftime`, which Apache may split. */
function isCounted(field: FormatField, fields: readonly FormatField[]): boolean {
  if (field.column !== 'time') return true
  const first = fields.find(({ column }) => column === 'time')
  return field === first || (typeof field.time === 'string' && typeof first?.time === 'string')
}

function toFields(parts: readonly FormatPart[]): Pick<Template, 'before' | 'fields'> {
  const all = parts.filter(isField)
  const [first] = parts
  const fields = parts.flatMap((part, index) => {
    if (!isField(part)) return []
    const after = parts[index + 1]
    const column = isCounted(part, all) ? part.column : ('ignored' as const)
    return [{ column, after: typeof after === 'string' ? after : '' }]
  })
  return { before: typeof first === 'string' ? first : '', fields }
}

function toTimeParser(text: string, parts: readonly FormatPart[]): TimeParser {
  const fields = parts.filter(isField)
  const times = fields.filter(field => field.column === 'time' && isCounted(field, fields))
  const [first] = times
  if (typeof first?.time === 'function') return first.time
  const format = times.map(({ time }) => time).join(' ')
  const parse = compileTime(format)
  if (parse) return parse
  throw new FormatError(
    text,
    `the time ${JSON.stringify(format)} needs year, month, day, hour and minute, for example %Y-%m-%d %H:%M:%S %z`,
  )
}
