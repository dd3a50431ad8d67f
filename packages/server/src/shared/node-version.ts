/** The oldest Node with every used function: `timeout` of `node:sqlite`, which 22.16 and 24.0 added. */
const oldest: readonly [major: number, minor: number] = [22, 16]

/** Returns why a version of Node cannot run the server, in two sentences; `undefined` when it can. */
export function explainNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isOld = major < oldest[0] || major === 23 || (major === oldest[0] && minor < oldest[1])
  return isOld
    ? `Tidemark needs Node ${oldest.join('.')} or newer; Node 24 is recommended. This is Node ${version}.`
    : undefined
}
