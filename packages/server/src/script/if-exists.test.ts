import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { ifExists } from './if-exists.ts'

it('ifExists: returns the content, and nothing for a missing file', async () => {
  expect(await ifExists(readFile(import.meta.filename, 'utf8'))).toContain('ifExists')
  expect(await ifExists(readFile(`${import.meta.filename}.none`, 'utf8'))).toBeUndefined()
})

it('ifExists: rejects with any other error', async () => {
  await expect(ifExists(readFile(import.meta.dirname, 'utf8'))).rejects.toMatchObject({
    code: 'EISDIR',
  })
})
