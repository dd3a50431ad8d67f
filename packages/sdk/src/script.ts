import { currentScript } from './tracker/browser.ts'
import { install } from './tracker/install.ts'

declare global {
  /** The tracker of the script tag, or what keeps calls until it is there; see `install.ts`. */
  var tidemark: unknown
}

install(globalThis, currentScript())
