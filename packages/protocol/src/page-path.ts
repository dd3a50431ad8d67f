import { limits } from './limits.ts'

/** The part of the global `URL` that this file uses. Every runtime of the protocol has it, but with its own types. */
declare const URL: new (url: string) => { readonly pathname: string }

/** Returns the path by which the page of a URL counts: without query and hash, at most `limits.maxPathLength` long. */
export function pagePathOf({ pathname }: { readonly pathname: string }): string {
  const path = pathname.slice(0, limits.maxPathLength)
  // A cut can leave a segment that the URL standard removes, so that the path would not be normalized.
  return path.length < pathname.length ? path.replace(/\/(?:\.|%2e){1,2}$/i, '/') : path
}

/**
 * Normalizes a path as the server normalizes the paths of events: by the URL standard, without query and hash. Returns
 * `undefined` for anything but a text that starts with a slash.
 */
export function toPagePath(text: unknown): string | undefined {
  // The host is a placeholder: a relative URL such as `//a/b` would name another host.
  return typeof text === 'string' && text.startsWith('/')
    ? pagePathOf(new URL(`http://a${text}`))
    : undefined
}
