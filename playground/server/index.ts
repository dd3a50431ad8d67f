export { type Playground, type PlaygroundOptions, siteId, startPlayground } from './playground.ts'
export type { PlaygroundState, Switches } from './switches.ts'
