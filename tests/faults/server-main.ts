import process from 'node:process'
import { createTidemark } from '@tidemark/server'

/** A server as a process of its own, which a test can kill. It says its address, and then what its start found. */
const [dataDir = '', checkpointMs] = process.argv.slice(2)
const tidemark = createTidemark({
  storage: { dataDir, ...(checkpointMs && { checkpointMs: Number(checkpointMs) }) },
})
const { url } = await tidemark.listen({ port: 0 })
process.stdout.write(`${url}\n${JSON.stringify(await tidemark.ready)}\n`)
