import { currentScript } from './tracker/browser.ts'
import { install } from './tracker/install.ts'

declare global {
  /** The tracker of the script tag, or the stub that collects calls before; see `install.ts`. */
  var tidemark: unknown
}

install(globalThis, currentScript())
