import { flushCompileCache } from 'node:module'
import process from 'node:process'
import { createTidemark } from '@tidemark/server'

/** Runs a server that a test can kill. Writes its address and the result of its recovery to standard output. */
const [dataDir = '', checkpointMs] = process.argv.slice(2)
const tidemark = createTidemark({
  storage: { dataDir, ...(checkpointMs && { checkpointMs: Number(checkpointMs) }) },
})
const { url } = await tidemark.listen({ port: 0 })
process.stdout.write(`${url}\n${JSON.stringify(await tidemark.ready)}\n`)
// A killed process would not write it.
flushCompileCache()
