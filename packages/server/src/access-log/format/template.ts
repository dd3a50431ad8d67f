import type { LineError, LineParser, LogFormat, ParserOptions } from './entry.ts'
import { failure } from './entry.ts'
import { type ColumnName, createEntryReader } from './entry-reader.ts'
import type { TimeParser } from './strftime.ts'
import { unescapeField } from './unescape.ts'

/** A field of a format, and the text between it and the next field. */
export interface TemplateField {
  column: ColumnName
  /** Text after the field; empty at the end of the line. */
  after: string
}

/** A format with fields in fixed order. */
export interface Template {
  /** Text before the first field. */
  before: string
  fields: readonly TemplateField[]
  parseTime: TimeParser
  /** Column after which a line may end. @default only the last one */
  mayEndAfter?: ColumnName
  /** Whether a line may have more fields at its end, after a space. @default false */
  mayHaveMore?: boolean
}

export function createTemplateFormat(name: string, template: Template): LogFormat {
  return {
    name,
    createParser: options => createTemplateParser(template, options),
  }
}

function createTemplateParser(template: Template, options?: ParserOptions): LineParser {
  const { before, fields, parseTime } = template
  const columns = fields.map(({ column }) => column)
  const readEntry = createEntryReader(columns, parseTime, options)
  const steps = toSteps(template)
  return {
    parse(line) {
      if (!line.startsWith(before)) return failure('head_invalid')
      const values: (string | undefined)[] = []
      const failed = splitLine(line, before.length, steps, values)
      return failed === undefined ? readEntry(values) : failure(failed)
    },
  }
}

/** Reads one field. */
interface Step {
  after: string
  /** In quotes, where a backslash escapes. */
  isQuoted: boolean
  isLast: boolean
  /** Whether a line may end with this field. */
  mayEnd: boolean
  mayHaveMore: boolean
  maySpace: boolean
  /** Unquoted list, whose commas may be followed by spaces. */
  isList: boolean
  error: LineError
}

function toSteps({ before, fields, mayEndAfter, mayHaveMore = false }: Template): Step[] {
  const timeIndex = fields.findIndex(({ column }) => column === 'time')
  return fields.map(({ column, after }, index) => {
    const previous = index === 0 ? before : (fields[index - 1]?.after ?? '')
    const isQuoted = previous.endsWith('"') && after.startsWith('"')
    const isLast = index === fields.length - 1
    return {
      after,
      isQuoted,
      isLast,
      mayEnd: column === mayEndAfter,
      mayHaveMore: isLast && mayHaveMore,
      // A time in brackets and a user contain spaces; other fields outside of quotes do not. One that ends at the first
      // space needs no check.
      maySpace: isQuoted || after === ' ' || /^(?:user|time|request)$/.test(column),
      isList: column === 'forwarded' && !isQuoted,
      error: errorOf(column, index < timeIndex),
    }
  })
}

function errorOf(column: ColumnName, isHead: boolean): LineError {
  if (column === 'time') return 'time_invalid'
  if (column === 'request' || column === 'target') return 'request_invalid'
  if (column === 'status' || column === 'bytes') return 'status_invalid'
  return isHead ? 'head_invalid' : 'tail_invalid'
}

/** Adds the values of a line to `values`. Returns the error if a field fails. */
function splitLine(
  line: string,
  from: number,
  steps: readonly Step[],
  values: (string | undefined)[],
): LineError | undefined {
  let start = from
  for (const step of steps) {
    const end = endOfField(line, start, step)
    if (end < 0) {
      if (!step.mayEnd || line.includes(' ', start)) return errorAt(line, start, step, steps)
      values.push(line.slice(start))
      return undefined
    }
    const text = line.slice(start, end)
    if (!step.maySpace && text.includes(' ') && !step.isList) return step.error
    values.push(step.isQuoted ? unescapeField(text) : text)
    start = end + step.after.length
  }
  return undefined
}

/** A field that is closed, but not followed by the next one, is the next one's error. */
function errorAt(line: string, start: number, step: Step, steps: readonly Step[]): LineError {
  const close = step.after === '' ? -1 : line.indexOf(step.after.charAt(0), start)
  const isClosed = close >= 0 && !(step.isQuoted && isEscaped(line, close))
  return ((isClosed ? steps[steps.indexOf(step) + 1] : undefined) ?? step).error
}

/** Returns the index after a field's text; -1 when the text after the field is missing. */
function endOfField(line: string, from: number, step: Step): number {
  const { after, isQuoted, isLast, mayHaveMore } = step
  if (isLast && !mayHaveMore) {
    const end = line.length - after.length
    return end >= from && line.endsWith(after) && !(isQuoted && isEscaped(line, end)) ? end : -1
  }
  for (
    let end = indexOfAfter(line, from, after);
    end >= 0;
    end = indexOfAfter(line, end + 1, after)
  ) {
    if (isQuoted && isEscaped(line, end)) continue
    if (isLast && !isWordEnd(line, end + after.length)) continue
    if (step.isList && line[end - 1] === ',') continue
    return end
  }
  return -1
}

function indexOfAfter(line: string, from: number, after: string): number {
  return after === '' ? (from > line.length ? -1 : wordEnd(line, from)) : line.indexOf(after, from)
}

function wordEnd(line: string, from: number): number {
  const space = line.indexOf(' ', from)
  return space < 0 ? line.length : space
}

function isWordEnd(line: string, index: number): boolean {
  return index === line.length || line[index] === ' '
}

/** Returns whether an odd number of backslashes precedes the character at an index. */
function isEscaped(line: string, index: number): boolean {
  let before = index - 1
  while (line[before] === '\\') before--
  return (index - before) % 2 === 0
}
