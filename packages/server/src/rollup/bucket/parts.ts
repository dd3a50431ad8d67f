import { type ByteWriter, createByteReader, createByteWriter } from '../../shared/bytes.ts'
import { type BreakdownTable, createBreakdown, readBreakdown } from './breakdown.ts'
import { type CooperativeTask, runToCompletion } from '../../shared/cooperative-task.ts'
import { type PartName, dimensionSpecs, isDimension } from './dimensions.ts'
import { type Properties, createProperties } from './properties.ts'
import { type Totals, mergeTotals, readTotals, writeTotals } from './totals.ts'
import { type Values, readValues } from './values.ts'

export interface BucketBounds {
  /** Most names in one breakdown; a dimension may have fewer. One row counts all others. @default 1,000 */
  maxBreakdownRows: number
  /** Event names with aggregated values. @default 50 */
  maxValueNames: number
  /** Properties of all event names together that are counted in an hour. @default 200 */
  maxProperties: number
}

export const defaultBucketBounds: BucketBounds = {
  maxBreakdownRows: 1000,
  maxValueNames: 50,
  maxProperties: 200,
}

/** Returns the most names that a bucket has of a part. */
export function maxRowsOf(part: PartName | undefined, { maxBreakdownRows }: BucketBounds): number {
  const maxRows =
    part === undefined || !isDimension(part) ? undefined : dimensionSpecs[part].maxRows
  return Math.min(maxBreakdownRows, maxRows ?? maxBreakdownRows)
}

export function encodeTotals(totals: Totals): Uint8Array {
  return encode(writer => writeTotals(totals, writer))
}

export function* encodeBreakdown(breakdown: BreakdownTable): CooperativeTask<Uint8Array> {
  const writer = createByteWriter()
  yield* breakdown.write(writer)
  return writer.finish()
}

export function encodeValues(values: Values): Uint8Array {
  return encode(values.write)
}

export function decodeTotals(bytes: Uint8Array): Totals {
  return readTotals(createByteReader(bytes))
}

const emptyBreakdown = runToCompletion(encodeBreakdown(createBreakdown(1)))

/** Returns whether a part is a breakdown without counts: later changes have taken them back. */
export function isEmptyPart({ part, bytes }: { part: PartName; bytes: Uint8Array }): boolean {
  const isBreakdown = isDimension(part)
  return (
    isBreakdown &&
    bytes.length === emptyBreakdown.length &&
    bytes.every((byte, index) => byte === emptyBreakdown[index])
  )
}

/** @param part part of the bytes, which has its own bound. @default the bound of all parts */
export function decodeBreakdown(
  bytes: Uint8Array,
  bounds: BucketBounds,
  part?: PartName,
): CooperativeTask<BreakdownTable> {
  return readBreakdown(createByteReader(bytes), maxRowsOf(part, bounds))
}

/** Adds an encoded breakdown to a table. */
export function mergeBreakdown(table: BreakdownTable, bytes: Uint8Array): CooperativeTask<void> {
  return table.mergeEncoded(createByteReader(bytes))
}

export function decodeValues(bytes: Uint8Array, bounds: BucketBounds): Values {
  return readValues(createByteReader(bytes), bounds.maxValueNames)
}

/** Merges encoded parts of one name, such as two changes to a bucket, or all buckets within a larger one. */
export function* mergeEncoded(
  name: PartName,
  encoded: readonly Uint8Array[],
  bounds: BucketBounds,
): CooperativeTask<Uint8Array> {
  const [first, ...others] = encoded
  if (!first) throw new RangeError('A merge needs at least one part.')
  if (others.length === 0) return first
  if (name === 'totals') return yield* mergeTotalsOf(first, others)
  if (name === 'values') return yield* mergeValuesOf(first, others, bounds)
  if (name === 'properties') return yield* mergePropertiesOf(encoded, bounds)
  const sum = yield* decodeBreakdown(first, bounds, name)
  for (const each of others) yield* mergeBreakdown(sum, each)
  return yield* encodeBreakdown(sum)
}

function* mergeTotalsOf(
  first: Uint8Array,
  others: readonly Uint8Array[],
): CooperativeTask<Uint8Array> {
  const sum = decodeTotals(first)
  for (const each of others) {
    mergeTotals(sum, decodeTotals(each))
    yield
  }
  return encodeTotals(sum)
}

function* mergeValuesOf(
  first: Uint8Array,
  others: readonly Uint8Array[],
  bounds: BucketBounds,
): CooperativeTask<Uint8Array> {
  const sum = decodeValues(first, bounds)
  for (const each of others) {
    sum.merge(decodeValues(each, bounds))
    yield
  }
  return encodeValues(sum)
}

function* mergePropertiesOf(
  encoded: readonly Uint8Array[],
  bounds: BucketBounds,
): CooperativeTask<Uint8Array> {
  const sum = createProperties(bounds.maxProperties)
  for (const each of encoded) yield* sum.merge(createByteReader(each))
  return yield* encodeProperties(sum)
}

export function* encodeProperties(properties: Properties): CooperativeTask<Uint8Array> {
  const writer = createByteWriter()
  yield* properties.write(writer)
  return writer.finish()
}

function encode(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = createByteWriter()
  write(writer)
  return writer.finish()
}
