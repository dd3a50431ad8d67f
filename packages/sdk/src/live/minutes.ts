import { type WindowMinutes, windowMinutes } from '@tidemark/protocol'

/**
 * What TypeScript refuses is in JavaScript a mistake that would be seen nowhere.
 * @throws {TypeError} for a window that there is not
 */
export function checkMinutes(minutes: WindowMinutes): WindowMinutes {
  if (windowMinutes.includes(minutes)) return minutes
  throw new TypeError(`\`minutes\` takes ${windowMinutes.join(', ')}, not ${String(minutes)}.`)
}
