import type { TSchema } from 'typebox'

/** Requires a schema for each option of a group, and for nothing else. */
export type Fields<Options> = { readonly [Name in keyof Required<Options>]: TSchema }
