import { errors } from '../capture/errors.ts'
import { notFound } from '../capture/not-found.ts'
import { scrollDepth } from '../capture/scroll-depth.ts'
import { siteSearch } from '../capture/site-search.ts'
import { storedVisitor } from '../capture/stored-visitor.ts'
import { urlRules } from '../capture/url-rules.ts'
import { webVitals } from '../capture/web-vitals.ts'
import type { CleanEvent } from '../tracker/event.ts'
import type { InstallExtra } from './install.ts'

/** Adds the parts of `tidemark.extra.js` that the attributes of the tag name. */
const installExtra: InstallExtra = (tracker, settings) => {
  const { beforeSend, query, mask, siteSearch: parameters, notFound: missing } = settings
  // The page may define its function after the tag. Until then nothing is sent that it might hold back.
  if (typeof beforeSend === 'string')
    settings.beforeSend = (event: CleanEvent) => {
      const hook: unknown = Reflect.get(globalThis, beforeSend)
      // oxlint-disable-next-line typescript/no-unsafe-return -- the tracker checks what the page returns
      return typeof hook === 'function' && Reflect.apply(hook, globalThis, [event])
    }
  if (query !== undefined || mask !== undefined)
    tracker.use(urlRules({ query: toList(query), mask: toList(mask) }))
  if (settings.persistVisitor) tracker.use(storedVisitor())
  if (settings.scrollDepth) tracker.use(scrollDepth())
  if (parameters)
    tracker.use(
      siteSearch(parameters === true || parameters === 'true' ? undefined : toList(parameters)),
    )
  if (missing) tracker.use(notFound(missing === 'page'))
  if (settings.webVitals) tracker.use(webVitals())
  if (settings.errors) tracker.use(errors())
}

/** Returns the names of an attribute with commas; none for an empty attribute, the default for a missing one. */
function toList(value: unknown): string[] | undefined {
  if (value === undefined) return undefined
  return typeof value === 'string' && value !== 'true'
    ? value.split(',').map(name => name.trim())
    : []
}

export default installExtra
