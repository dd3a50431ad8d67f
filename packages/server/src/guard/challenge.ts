import type { ErrorCode } from '@tidemark/protocol'

/** What RFC 6750, section 3 puts beside the refusal of a token, with at least one parameter. */
export function challengeOf(code: ErrorCode): Record<string, string> {
  if (code === 'token_missing') return { 'WWW-Authenticate': 'Bearer realm="tidemark"' }
  if (code !== 'token_invalid' && code !== 'token_expired') return {}
  return { 'WWW-Authenticate': 'Bearer realm="tidemark", error="invalid_token"' }
}
