import { InvalidArgumentError } from 'commander'
import { expect, it } from 'vitest'
import { parseTimeZone } from './arguments.ts'

it('takes the IANA name of a time zone and nothing else', () => {
  expect(parseTimeZone('Europe/Berlin')).toBe('Europe/Berlin')
  for (const wrong of ['', 'Berlin', 'Mars/Olympus', '__proto__']) {
    expect(() => parseTimeZone(wrong), wrong).toThrow(InvalidArgumentError)
  }
})
