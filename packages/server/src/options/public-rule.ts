import { channelNames, isObject } from '@tidemark/protocol'
import { type TSchema, Type } from 'typebox'
import { type PublicRule, findFeedProblem } from '../guard/read-scope.ts'
import { toPathPattern } from '../shared/path-pattern.ts'
import { type FieldInfo, field } from './field.ts'
import type { Fields } from './fields-of.ts'
import * as values from './values.ts'

const channel = values.itemLike(`a channel. Known are ${channelNames.join(', ')}`, text =>
  channelNames.some(name => name === text),
)

const pattern = values.itemLike("a pattern of pages; for example '/products/**'", isPattern)

const info: FieldInfo = {
  expected: "an object; for example { channels: ['currentVisitors'] }",
  problemOf: value => (isObject(value) ? findFeedProblem(value) : undefined),
}

const rule = field(
  Type.Object({
    channels: values.anyListOf(channel, "a list of channels; for example ['currentVisitors']"),
    paths: values.anyListOf(pattern, "a list of patterns of pages; for example ['/products/**']"),
    minCount: values.wholeNumber(0, 2 ** 31 - 1),
  } satisfies Fields<PublicRule>),
  info,
)

/** Schema of the figures of a site that anyone may read. */
export const publicRule: TSchema = field(Type.Optional(rule), info)

/** The same for all sites of a server: one field, as an empty rule differs from none. */
export const serverPublicRule: TSchema = field(Type.Optional(Type.Union([rule])), info)

function isPattern(text: string): boolean {
  try {
    toPathPattern(text)
    return true
  } catch {
    return false
  }
}
