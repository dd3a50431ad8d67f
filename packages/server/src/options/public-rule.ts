import { channelNames, isObject } from '@tidemark/protocol'
import { type TSchema, Type } from 'typebox'
import { type PublicRule, findFeedProblem } from '../guard/read-scope.ts'
import { toPathPattern } from '../shared/path-pattern.ts'
import { field } from './field.ts'
import type { Fields } from './fields-of.ts'
import * as values from './values.ts'

const channel = values.itemLike(`a channel. Known are ${channelNames.join(', ')}`, text =>
  channelNames.some(name => name === text),
)

const pattern = values.itemLike("a pattern of pages; for example '/products/**'", isPattern)

/** Schema of the figures of a site that anyone may read. */
export const publicRule: TSchema = field(
  Type.Optional(
    Type.Object({
      channels: values.anyListOf(channel, "a list of channels; for example ['currentVisitors']"),
      paths: values.anyListOf(pattern, "a list of patterns of pages; for example ['/products/**']"),
      minCount: values.wholeNumber(0, 2 ** 31 - 1),
    } satisfies Fields<PublicRule>),
  ),
  {
    expected: 'an object',
    problemOf: value => (isObject(value) ? findFeedProblem(value) : undefined),
  },
)

function isPattern(text: string): boolean {
  try {
    toPathPattern(text)
    return true
  } catch {
    return false
  }
}
