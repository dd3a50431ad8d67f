import { expect, it } from 'vitest'
import { safeUrl } from './safe-url.ts'

it.each(['/pages/a', 'a?b#c', '#here', 'http://a.example/', 'https://a.example', '//a.example/b'])(
  'safeUrl: accepts %s',
  url => expect(safeUrl(url)).toBe(url),
)

it.each([
  'javascript:alert(1)',
  ' java\nscript:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  'mailto:a@b.example',
  'https://[',
  '',
  null,
  undefined,
])('safeUrl: refuses %j', url => expect(safeUrl(url)).toBeUndefined())
