import type { ScriptVersion } from './script-version.ts'

export interface ScriptTagOptions {
  /** Site ID. */
  site: string
  /** Address of the directory of `tidemark.js`: the root of a server, or the address at which the API is mounted. */
  url: string
}

/** Formats the script tag of a version, which a browser caches forever and loads only unchanged. */
export function formatScriptTag(
  { site, url }: ScriptTagOptions,
  { version, integrity }: Pick<ScriptVersion, 'version' | 'integrity'>,
): string {
  const src = `${url.replace(/\/+$/, '')}/tidemark.${version}.js`
  return `<script defer src="${escape(src)}" data-site="${escape(site)}" integrity="${integrity}" crossorigin></script>`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
}
