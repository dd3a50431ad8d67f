import type { SenderFacts } from '../ingest/sender-facts.ts'

/** Returns facts about a sender: an unknown browser of a person, with the given differences. */
export function senderFacts(differences: Partial<SenderFacts> = {}): SenderFacts {
  return {
    country: undefined,
    region: undefined,
    city: undefined,
    device: 'desktop',
    browser: 'Firefox',
    browserVersion: 'Firefox 142',
    os: 'Linux',
    osVersion: 'Linux',
    language: undefined,
    bot: undefined,
    ...differences,
  }
}
