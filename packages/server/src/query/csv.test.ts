import { describe, expect, it } from 'vitest'
import { formatCsvHeader, formatCsvLine } from './csv.ts'

const cell = (value: unknown): string => formatCsvLine(['a'], { a: value }).slice(0, -2)

describe('CSV', () => {
  it.each([
    // RFC 4180, section 2, rules 5 to 7.
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['a\r\nb', '"a\r\nb"'],
    ['a\nb', '"a\nb"'],
    ['/boots', '/boots'],
    ['', ''],
    ['ä €', 'ä €'],
    // OWASP, "CSV Injection".
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1+1', "'-1+1"],
    ['-1e5', "'-1e5"],
    ['-', "'-"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', '"\'\r=1"'],
    ['=HYPERLINK("https://evil.example","x")', '"\'=HYPERLINK(""https://evil.example"",""x"")"'],
    ['a=1', 'a=1'],
    // Numbers stay plain, also as texts.
    ['-1', '-1'],
    ['-0.5', '-0.5'],
    [-1.5, '-1.5'],
    [1e21, '1e+21'],
    [true, 'true'],
    [undefined, ''],
    [null, ''],
  ])('writes %j as %j', (value, expected) => {
    expect(cell(value)).toBe(expected)
  })

  it('ends lines with CRLF, and leaves missing columns empty', () => {
    expect(formatCsvHeader(['a', 'b,c'])).toBe('a,"b,c"\r\n')
    expect(formatCsvLine(['a', 'b', 'c'], { c: 1, a: 'x' })).toBe('x,,1\r\n')
  })
})
