import type { TSchema } from 'typebox'

/** Facts about a field of the configuration that its TypeBox schema does not hold. */
export interface FieldInfo {
  /** Valid values, to complete the sentence "'x' is not …"; for example "a site ID; for example 'shop'". */
  readonly expected: string
  /** Returns what is wrong with a value of the right type, as a sentence. @default nothing */
  readonly problemOf?: (value: unknown) => string | undefined
  /** Value without the field, or its description in words. @default none */
  readonly fallback?: number | string
  /** Whether the value is a path of a file or directory, relative to where it is named. */
  readonly isPath?: true
  /** Whether the value is a function, which neither JSON nor the environment can express. */
  readonly isFunction?: true
  /** Whether no message and no output may show the value. */
  readonly isSecret?: true
  /** Environment variable. @default derived from the path of the field: `TIDEMARK_HISTORY_TIME_ZONE` */
  readonly variable?: string
}

const infos = new WeakMap<TSchema, FieldInfo>()

/** Attaches facts to a schema, and returns it. */
export function field<Schema extends TSchema>(schema: Schema, info: FieldInfo): Schema {
  infos.set(schema, info)
  return schema
}

export function infoOf(schema: TSchema): FieldInfo {
  return infos.get(schema) ?? { expected: 'valid' }
}
