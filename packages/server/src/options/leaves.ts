import { IsObject, type TObject, type TSchema } from 'typebox'
import { type FieldInfo, infoOf } from './field.ts'

/** A field of a configuration that is not a group of others. */
export interface Leaf {
  /** Path of the field, such as `history.timeZone`. */
  readonly path: string
  readonly schema: TSchema
  readonly info: FieldInfo
  /** Environment variable; `undefined` for a function, which only a program and a TypeScript file can give. */
  readonly variable: string | undefined
}

/** Lists the fields of a schema, with those of its groups. */
export function leavesOf(schema: TObject, prefix: string = ''): Leaf[] {
  return Object.entries(schema.properties).flatMap(([name, each]): Leaf[] => {
    const path = `${prefix}${name}`
    if (IsObject(each)) return leavesOf(each, `${path}.`)
    const info = infoOf(each)
    const variable = info.isFunction ? undefined : (info.variable ?? toVariable(path))
    return [{ path, schema: each, info, variable }]
  })
}

/** Converts `history.timeZone` to `TIDEMARK_HISTORY_TIME_ZONE`. */
function toVariable(path: string): string {
  const words = path.replaceAll('.', '_').replaceAll(/(?<=[a-z])[A-Z]/g, letter => `_${letter}`)
  return `TIDEMARK_${words.toUpperCase()}`
}
