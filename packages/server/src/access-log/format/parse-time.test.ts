import { describe, expect, it } from 'vitest'
import { parseLogTime } from './parse-time.ts'

describe('parseLogTime', () => {
  it.each([
    ['17/May/2015:10:05:03 +0000', '2015-05-17T10:05:03Z'],
    ['17/May/2015:10:05:03 +0200', '2015-05-17T08:05:03Z'],
    ['17/May/2015:10:05:03 -0330', '2015-05-17T13:35:03Z'],
    ['01/Jan/2024:00:30:00 +0545', '2023-12-31T18:45:00Z'],
    ['29/Feb/2024:23:59:59 +0000', '2024-02-29T23:59:59Z'],
    ['31/Dec/2016:23:59:60 +0000', '2017-01-01T00:00:00Z'],
  ])('parses %s with its time zone offset', (text, iso) => {
    expect(parseLogTime(text)).toBe(Date.parse(iso))
  })

  it.each([
    '29/Feb/2023:00:00:00 +0000',
    '31/Apr/2015:00:00:00 +0000',
    '00/Jan/2015:00:00:00 +0000',
    '17/Mai/2015:10:05:03 +0000',
    '17/anF/2015:10:05:03 +0000',
    '17/May/2015:24:00:00 +0000',
    '17/May/2015:10:60:00 +0000',
    '17/May/2015:10:05:61 +0000',
    '17/May/2015:10:05:03 +2400',
    '17/May/2015:10:05:03',
    '17/May/0015:10:05:03 +0000',
    '2015-05-17T10:05:03Z',
    '',
  ])('returns undefined for %j', text => {
    expect(parseLogTime(text)).toBeUndefined()
  })
})
