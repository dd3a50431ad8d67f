import { isbot } from 'isbot'
import { botNames, generalWords, httpClients } from './bot-names.ts'

/** A program that requests pages by itself. */
export interface Bot {
  /** Name that people know, such as `Googlebot`; `(unknown)` for a program without one. */
  readonly name: string
  /** Whether the program is an HTTP client, such as curl or an app. It may send events on purpose. */
  readonly isHttpClient: boolean
}

/** Programs that isbot does not know, because they look like browsers. */
const moreBots =
  /GTmetrix|Checkly|SpeedCurve|Datadog ?Synthetic|NewRelicSynthetics|ThousandEyes|Catchpoint|prerender|rendertron|wkhtmlto|Miniature\.io|YLT Chrome|TSM-turingos|vercel-screenshot|jsdom\//i

/** Browsers of people that isbot takes for programs. */
const people = /\bYJApp-|^LG Browser\//i

const unknownName = '(unknown)'
/** Characters of a name. */
const maxNameLength = 40

/** Returns the program that a user agent names; `undefined` for a person's browser or app. */
export function botOf(text: string): Bot | undefined {
  if (text === '') return undefined
  const client = httpClients.find(([pattern]) => pattern.test(text))
  const isBot = client !== undefined || moreBots.test(text) || (isbot(text) && !people.test(text))
  if (!isBot) return undefined
  // Some programs also name the library that they use.
  const known = botNames.find(([pattern]) => pattern.test(text))
  if (known) return { name: known[1], isHttpClient: false }
  if (client) return { name: client[1], isHttpClient: true }
  // A text such as `Shop/3.2` is that of an app which sends events, or of a program that reads pages.
  const isHttpClient = !/^mozilla\//i.test(text) && !botWord.test(text)
  return { name: nameIn(text), isHttpClient }
}

/** Words that mark the name of a program. */
const botWord =
  /bot|crawl|spider|fetch|scan|monitor|check|preview|archiv|proxy|agent|reader|feed|screenshot|render|valid|analy/i

/** A phrase at the start of a text, up to a version, a bracket or the like: `Screaming Frog SEO Spider`. */
const phrase = /^[\W_]*(\w[\w!'.&-]*(?: [A-Za-z][\w!'.&-]*){0,3})/

/** Returns the name that a user agent gives to its program. */
function nameIn(text: string): string {
  const plain = text.replace(/https?:\/\/[^\s);,]*|[\w.+-]+@[\w.-]+/g, ' ')
  const parts = /^mozilla\//i.test(plain) ? partsOfBrowser(plain) : [plain]
  const name = parts.map(part => toName(phrase.exec(part)?.[1] ?? '')).find(isName)
  return name ?? toName(lastProduct(plain)) ?? unknownName
}

/** Returns the parts of a browser's user agent that may name a program, the likeliest first. */
function partsOfBrowser(plain: string): string[] {
  const afterCompatible = (plain.split(/compatible;/i)[1] ?? '').split(')')[0]?.split(';') ?? []
  const words = plain.split(/[\s;()]+/).filter(word => botWord.test(word))
  const end = /(?:safari|firefox|gecko|trident)\/[\d.+]+[\s;)]+(.*)$/i.exec(plain)?.[1] ?? ''
  return [...afterCompatible, ...words, end]
}

/** Returns the last product that is no usual part of a browser's user agent, such as `Example` of `Example/1.0`. */
function lastProduct(plain: string): string {
  const products = [...plain.matchAll(/([A-Za-z][\w.-]*)\/v?\d/g)].map(([, name = '']) => name)
  return products.findLast(name => toName(name) !== undefined) ?? ''
}

/** Cuts a version and punctuation from the end of a phrase. Returns `undefined` for words of any browser. */
function toName(text: string): string | undefined {
  const name = text
    .replace(/[ /]v?\d[\w.]*$/i, '')
    .replace(/[\s.!'&_-]+$/, '')
    .slice(0, maxNameLength)
  const isGeneral = name.split(' ').every(word => generalWords.has(word.toLowerCase()))
  return /[a-z]{2}/i.test(name) && !isGeneral ? name : undefined
}

const isName = (name: string | undefined): name is string => name !== undefined
