import { describe, expect, it } from 'vitest'
import { createByteReader, createByteWriter } from '../../shared/bytes.ts'
import type { CooperativeTask } from '../../shared/cooperative-task.ts'
import { hash64 } from '../sketch/hash.ts'
import { createProperties } from './properties.ts'

/** Runs a task, and returns its number of steps. */
function countSteps(task: CooperativeTask<void>): number {
  let steps = 1
  while (!task.next().done) steps++
  return steps
}

describe('Properties', () => {
  const properties = createProperties(200)
  for (let index = 0; index < 200; index++) {
    properties.add(`event ${index % 2}`, `property ${index}`, 'x', hash64('a'), undefined, 0)
  }
  const writer = createByteWriter()
  const written = countSteps(properties.write(writer))

  it('are written and merged in a step per table, so that a full hour blocks no request', () => {
    expect(written).toBeGreaterThan(200)
    const sum = createProperties(200)
    expect(countSteps(sum.merge(createByteReader(writer.finish())))).toBeGreaterThan(200)
    const bytes = createByteWriter()
    countSteps(sum.write(bytes))
    expect(bytes.finish()).toEqual(writer.finish())
  })

  it('are merged without those that nobody wants', () => {
    const some = createProperties(200)
    const isWanted = (_event: string, property: string): boolean => property === 'property 7'
    expect(countSteps(some.merge(createByteReader(writer.finish()), isWanted))).toBe(2)
    expect([...some.tables.keys()]).toEqual(['event 1'])
  })
})
