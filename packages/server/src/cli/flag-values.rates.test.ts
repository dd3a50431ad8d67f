import { Command } from 'commander'
import { expect, it } from 'vitest'
import { collectFlags } from './flag-values.ts'
import { addServeOptions } from './serve-options.ts'

it('collectFlags: sets each rate by its field', () => {
  const command = addServeOptions(new Command())
  const words = ['--rate', 'burstSeconds=5', '--rate', 'eventsPerSecondPerSite=none']
  command.parse(words, { from: 'user' })
  expect([...collectFlags(command)]).toEqual([
    ['rates.burstSeconds', { value: 5 }],
    ['rates.eventsPerSecondPerSite', { value: Infinity }],
  ])
})
