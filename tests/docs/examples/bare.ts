import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { createTidemark } from '@tidemark/server'

const tidemark = createTidemark({ storage: { dataDir: './data' }, sites: ['my-site'] })

const listener = getRequestListener((request, { incoming }) =>
  tidemark.fetch(request, { address: incoming.socket.remoteAddress }),
)
const server = createServer((request, response) => void listener(request, response))
server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  console.log(`Listening on http://127.0.0.1:${port}`)
})

process.once('SIGTERM', () => {
  server.close()
  void tidemark.close()
})
