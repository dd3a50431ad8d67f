import type { ErrorCode } from '@tidemark/protocol'

/** RFC 6750, section 3: a challenge has at least one parameter, and the error of a token that was sent. */
const challenges: Partial<Record<ErrorCode, string>> = {
  token_missing: 'Bearer realm="tidemark"',
  token_invalid: 'Bearer realm="tidemark", error="invalid_token"',
  token_expired: 'Bearer realm="tidemark", error="invalid_token"',
  key_missing: 'Bearer realm="tidemark"',
  key_invalid: 'Bearer realm="tidemark", error="invalid_token"',
  token_insufficient: 'Bearer realm="tidemark", error="insufficient_scope"',
}

/** Returns the headers of an answer that refuses a token. */
export function challengeOf(code: ErrorCode): Record<string, string> {
  const challenge = challenges[code]
  return challenge === undefined ? {} : { 'WWW-Authenticate': challenge }
}
