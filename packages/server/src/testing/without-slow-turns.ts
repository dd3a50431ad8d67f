/** Removes lines about slow turns of the event loop from a log in JSON: a busy machine has them in every test. */
export function withoutSlowTurns(log: string): string {
  return log
    .split(/(?<=\n)/)
    .filter(line => !line.includes('"kind":"slow_turn"'))
    .join('')
}
