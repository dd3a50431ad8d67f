import { inspect } from 'node:util'
import { type TOptional, type TSchema, type TUnknown, Type } from 'typebox'
import { toDurationMs } from '../shared/duration.ts'
import { type FieldInfo, field } from './field.ts'

/** Builders of the fields that several groups have. Every field may be left out, unless its schema says otherwise. */

type Info = Omit<FieldInfo, 'expected'>

/** A text, with the description of the valid ones. */
export function text(expected: string, info: Info = {}): TOptional {
  return field(Type.Optional(Type.String({ minLength: 1 })), { expected, ...info })
}

/** A text that a test accepts. */
export function textLike(
  expected: string,
  isValid: (value: string) => boolean,
  info: Info = {},
): TOptional {
  return text(expected, { ...info, problemOf: unless(isValid, expected) })
}

/** A list with at least one item. */
export function listOf(item: TSchema, expected: string, info: Info = {}): TOptional {
  return field(Type.Optional(Type.Array(item, { minItems: 1 })), { expected, ...info })
}

/** A list that may be empty. */
export function anyListOf(item: TSchema, expected: string, info: Info = {}): TOptional {
  return field(Type.Optional(Type.Array(item)), { expected, ...info })
}

/** One item of a list of texts. */
export function itemLike(
  expected: string,
  isValid: (value: string) => boolean,
  info: Info = {},
): TSchema {
  return field(Type.String(), { expected, ...info, problemOf: unless(isValid, expected) })
}

export function oneOf(names: readonly string[], info: Info = {}): TOptional {
  return field(Type.Optional(Type.Union(names.map(name => Type.Literal(name)))), {
    expected: `one of ${names.join(', ')}`,
    ...info,
  })
}

export function wholeNumber(min: number, max: number, info: Info = {}): TOptional {
  return field(Type.Optional(Type.Integer({ minimum: min, maximum: max })), {
    expected: `a whole number from ${min} to ${max}`,
    ...info,
  })
}

/** A number of at least 0, or `Infinity`. */
export function count(fallback: number): TOptional<TUnknown> {
  return numberWhere(value => value >= 0, 'a number from 0', fallback)
}

/** A time in milliseconds above 0, or `Infinity`. */
export function milliseconds(fallback: number | string): TOptional<TUnknown> {
  return numberWhere(value => value > 0, 'a number of milliseconds above 0', fallback)
}

/** A number per second above 0, or `Infinity` for no limit. */
export function rate(fallback: number): TOptional<TUnknown> {
  return numberWhere(value => value > 0, 'a number above 0, or Infinity for no limit', fallback)
}

/** A number within a range. */
export function numberFrom(min: number, max: number, fallback: number): TOptional<TUnknown> {
  return numberWhere(
    value => value >= min && value <= max,
    `a number from ${min} to ${max}`,
    fallback,
  )
}

function numberWhere(
  isValid: (value: number) => boolean,
  expected: string,
  fallback: number | string,
): TOptional<TUnknown> {
  return field(Type.Optional(Type.Unknown()), {
    expected,
    fallback,
    problemOf(value) {
      if (typeof value === 'number' && isValid(value)) return undefined
      const ms = typeof value === 'string' ? toDurationMs(value) : undefined
      const converted = ms === undefined ? '' : ` Write ${ms} for ${String(value)}.`
      return `${inspect(value)} is not ${expected}.${converted}`
    },
  })
}

export function functionField(): TOptional<TUnknown> {
  const expected = 'a function'
  return field(Type.Optional(Type.Unknown()), {
    expected,
    isFunction: true,
    problemOf: value =>
      typeof value === 'function' ? undefined : `${inspect(value)} is not ${expected}.`,
  })
}

function unless(
  isValid: (value: string) => boolean,
  expected: string,
): (value: unknown) => string | undefined {
  return value =>
    typeof value === 'string' && !isValid(value)
      ? `${inspect(value)} is not ${expected}.`
      : undefined
}
