import { type EventContext, eventNames, limits } from '@tidemark/protocol'
import { toCleanText } from './text.ts'

type Properties = EventContext['properties']

/**
 * Returns the target of an event: the host of an outbound link, from the property `url`, or the name of a downloaded
 * file, from the property `file` or else `url`. Returns `undefined` for any other event.
 */
export function toTarget(name: string, properties: Properties): string | undefined {
  if (properties === undefined) return undefined
  if (name === eventNames.outbound) return toText(hostOf(properties['url']))
  if (name === eventNames.download) return toText(fileOf(properties))
  return undefined
}

function hostOf(url: unknown): string | undefined {
  return typeof url === 'string' ? URL.parse(url)?.host.replace(/^www\./, '') : undefined
}

function fileOf({ file, url }: NonNullable<Properties>): string | undefined {
  if (typeof file === 'string' && file !== '') return file
  if (typeof url !== 'string') return undefined
  // A relative URL needs a base. The host has no effect on the path.
  const path = URL.parse(url, 'http://site.invalid')?.pathname ?? ''
  return decode(path.slice(path.lastIndexOf('/') + 1))
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function toText(text = ''): string | undefined {
  const clean = toCleanText(text.slice(0, limits.maxTitleLength).trim())
  return clean === '' ? undefined : clean
}
