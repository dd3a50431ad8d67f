import { defineConfig } from '@tidemark/server'

export default defineConfig({
  port: 8080,
  sites: ['shop', { id: 'docs', goals: [{ name: 'Read the docs', path: '/docs/**' }] }],
  storage: { dataDir: './data' },
  history: { timeZone: 'Europe/Berlin', retentionMs: { day: Infinity } },
  access: { tokens: { secretFile: './token-secret' } },
})
