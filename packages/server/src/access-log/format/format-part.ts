import type { ColumnName } from './entry-reader.ts'
import type { TimeParser } from './strftime.ts'

/** One part of a format string: literal text, or a field. */
export type FormatPart = string | FormatField

export interface FormatField {
  column: ColumnName
  /** The field as it is written, for messages. */
  text: string
  /** Parser of a time, or a format of `strftime` that is joined with those of other fields. */
  time?: TimeParser | string
}
