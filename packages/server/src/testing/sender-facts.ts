import type { SenderFacts } from '../ingest/site-event.ts'

/** Returns facts about a sender: an unknown browser of a person, with the given differences. */
export function senderFacts(differences: Partial<SenderFacts> = {}): SenderFacts {
  return {
    country: undefined,
    device: 'desktop',
    browser: 'Firefox',
    os: 'Linux',
    bot: undefined,
    isHttpClient: false,
    ...differences,
  }
}
