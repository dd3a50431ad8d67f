import { type TObject, type TSchema, Type } from 'typebox'
import type { PageOptions } from '../ingest/page-rules.ts'
import { isHostPattern, maxSiteHosts } from '../ingest/site-hosts.ts'
import type { Fields } from './fields-of.ts'
import * as values from './values.ts'

const indexFile = values.itemLike("the name of a file; for example 'index.html'", name =>
  /^[^/?#]+$/.test(name),
)
const parameter = values.itemLike("the name of a parameter; for example 'id'", name => name !== '')

/** Schema of the rules for pages. */
export const pages: TObject = Type.Object({
  trailingSlash: values.oneOf(['keep', 'remove'], { fallback: 'keep' }),
  indexFiles: values.anyListOf(indexFile, "a list of files; for example ['index.html']"),
  letterCase: values.oneOf(['keep', 'lower'], { fallback: 'keep' }),
  query: values.anyListOf(parameter, "a list of parameters; for example ['id']"),
} satisfies Fields<PageOptions>)

/** Schema of the hosts of a site. */
export const siteHosts: TSchema = values.listOf(
  values.itemLike(
    'a host name. Use a name without scheme and port, or *. for all its subdomains; for example shop.example or *.shop.example',
    isHostPattern,
  ),
  `a list of 1 to ${maxSiteHosts} host names; for example ['shop.example', '*.shop.example']. Leave \`hostNames\` out to count all`,
  { fallback: 'any' },
)
