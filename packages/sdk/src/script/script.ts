import { type InstallExtra, install } from './install.ts'

declare global {
  /** The tracker of the script tag, or the stub that collects calls before; see `install.ts`. */
  var tidemark: unknown
}

/**
 * Returns the tags that may be the one of this script. A module, a loader and a tag manager leave no current script,
 * and other products have the attribute `data-site` too.
 */
function findScripts(): HTMLScriptElement[] {
  const { currentScript } = document
  if (currentScript?.dataset.site && 'src' in currentScript) return [currentScript]
  return ['[src*=tidemark]', ''].flatMap(filter => [
    ...document.querySelectorAll<HTMLScriptElement>(`script[data-site]${filter}`),
  ])
}

/** `import` needs no new script element, so that a strict content security policy and Trusted Types allow it. */
const loadExtra = (url: string): Promise<{ default: InstallExtra }> =>
  import(/* @vite-ignore */ url)

// oxlint-disable-next-line typescript/no-unsafe-argument -- a page may have globals of any name
install(Object(globalThis), findScripts(), loadExtra)
