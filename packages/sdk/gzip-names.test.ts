import { runInThisContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { renameForGzip } from './gzip-names.ts'

/** Runs a script that ends with an expression. */
const run = (code: string): unknown => runInThisContext(code)

const sizeOf = (code: string): number => gzipSync(code, { level: 9 }).length

/** Functions that differ in their names alone. */
const repeated = ['a b c', 'x y z', 'p q k', 'm h v']
  .map(names => names.split(' '))
  .map(([a, b, c]) => `(function(${a},${b}){let ${c}=${a}+${b};return ${c}*${a}})(2,3)`)
  .join('+')

describe('gzip-names', () => {
  it('gives similar functions the same names', () => {
    const renamed = renameForGzip(repeated)
    expect(sizeOf(renamed)).toBeLessThan(sizeOf(repeated) - 10)
    expect(new Set(renamed.split('+(')).size).toBeLessThanOrEqual(2)
    expect(renamed).toHaveLength(repeated.length)
    expect(run(renamed)).toBe(run(repeated))
    expect(renameForGzip(repeated)).toBe(renamed)
  })

  it.each([
    ['closures', '(function(a){let b=a+1;return(function(c){let d=c+b;return d+a})(5)})(1)'],
    ['shadowing', '(function(a){return(function(b){let a=b;return a})(a+1)+a})(1)'],
    ['blocks', '(function(a){let c=0;for(let b of a){let a=b*2;c+=a}return c+a.length})([1,2])'],
    ['exceptions', '(function(a){try{a()}catch(b){return b.name+typeof a}})(1)'],
    ['patterns', '(function({n:a,o:[b,...c]},d=a){return a+b+c.length+d})({n:1,o:[2,3]})'],
    ['shorthands', '(function(n){let{length:a}=n;return JSON.stringify({n,a})})([1])'],
    ['shorthand patterns', '(function({e}){let t=e+1;return t+e})({e:1})'],
    ['function names', '(function(){function a(b){return b>0?b+a(b-1):0}return a(3)})()'],
    ['globals', '(function(){let a=typeof e,b=typeof t;return a+b})()'],
    ['destructured assignments', '(function(a,b){[a,b]=[b,a];return a-b})(3,5)'],
  ])('keeps the meaning of %s', (_, code) => {
    expect(run(renameForGzip(code))).toEqual(run(code))
  })

  it('keeps longer names', () => {
    const code = '(function(first){let a=first;return a})(1)'
    expect(renameForGzip(code)).toContain('function(first)')
  })
})
