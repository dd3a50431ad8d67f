export { type Playground, type PlaygroundOptions, startPlayground } from './playground.ts'
export { siteId } from './site-options.ts'
export type { PlaygroundState, Switches } from './switches.ts'
