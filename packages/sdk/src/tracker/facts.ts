import type { Host } from './host.ts'

/** Returns the fields of each batch that describe the browser. A capture may add others. */
export function readFacts({ navigator = {}, screen }: Host): Record<string, unknown> {
  return {
    automated: navigator.webdriver ? true : undefined,
    screen: screen && `${screen.width}x${screen.height}`,
    language: navigator.language,
    touch: navigator.maxTouchPoints,
  }
}
