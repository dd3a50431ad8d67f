import process from 'node:process'

/*
 * Imports the entries of packages that the command line names, one after the other, and prints a report: the names of
 * their exports, and the accesses to globals of a page, which may be absent or another one's on a server.
 */

const pageGlobals = ['window', 'document', 'location', 'localStorage', 'sessionStorage', 'self']
const touched: string[] = []

for (const name of pageGlobals) {
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get() {
      const caller = new Error().stack?.split('\n')[2]?.trim() ?? ''
      if (caller.includes('@tidemark')) touched.push(`${name} ${caller}`)
    },
  })
}

/** Whether an export is a component; Vue's own `defineComponent` has no brand. */
const isComponent = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && ('setup' in value || 'render' in value)

const components: Record<string, string[]> = {}
const others: Record<string, string[]> = {}
for (const entry of process.argv.slice(2)) {
  const exported = Object.entries((await import(entry)) as Record<string, unknown>)
  components[entry] = exported.filter(([, value]) => isComponent(value)).map(([name]) => name)
  others[entry] = exported.filter(([, value]) => !isComponent(value)).map(([name]) => name)
}
process.stdout.write(JSON.stringify({ components, others, touched }))
