import type { RequestLine } from './entry.ts'

/** A method is a token (RFC 9110, section 5.6.2). */
const method = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"

const methodOnly = new RegExp(`^${method}$`)
const requestLine = new RegExp(`^(${method}) (.+?)(?: (HTTP/\\d(?:\\.\\d)?))?$`, 's')

/** Matches a path, an absolute URL, or `*`. The target of `CONNECT` is `host:port`. */
const targetForm = /^(?:\/|[A-Za-z][A-Za-z0-9+.-]*:\/\/|\*$)/

/** Parses `GET /path HTTP/1.1`. Returns `undefined` for text that is not a request of HTTP. */
export function parseRequestLine(text: string): RequestLine | undefined {
  const match = requestLine.exec(text)
  if (!match) return undefined
  const [, methodName = '', target = '', protocol] = match
  return isTarget(methodName, target) ? { method: methodName, target, protocol } : undefined
}

/** Joins the parts of a request that a log has in separate fields. */
export function joinRequest(
  methodName: string,
  target: string,
  protocol: string | undefined,
): RequestLine | undefined {
  if (!methodOnly.test(methodName) || !isTarget(methodName, target)) return undefined
  return { method: methodName, target, protocol }
}

function isTarget(methodName: string, target: string): boolean {
  return methodName === 'CONNECT' || targetForm.test(target)
}

/** Returns the host of an absolute URL, with its port: `http://shop.example:80/a` → `shop.example:80`. */
export function hostOfTarget(target: string): string | undefined {
  return target.startsWith('/') ? undefined : /^[a-z]+:\/\/([^/?#]+)/i.exec(target)?.[1]
}
