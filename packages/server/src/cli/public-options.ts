import { type ChannelName, channelNames } from '@tidemark/protocol'
import type { Command } from 'commander'
import type { PublicRule } from '../index.ts'
import { collect, parseChannel, parseCount, parsePagePattern } from './arguments.ts'

/** Options of `serve` for figures that anyone may read. */
export interface PublicFlags {
  publicChannel?: (ChannelName | 'all')[]
  publicPath?: string[]
  publicMinCount?: number
}

export function addPublicOptions(command: Command): Command {
  return command
    .option(
      '--public-channel <name>',
      'channel that anyone may read without a token; repeatable; all: every channel but recentEvents',
      collect(text => (text === 'all' ? text : parseChannel(text))),
    )
    .option(
      '--public-path <pattern>',
      'pages whose visitors anyone may read, such as /products/**; repeatable',
      collect(parsePagePattern),
    )
    .option(
      '--public-min-count <number>',
      'public figures of fewer visitors are hidden (default: none)',
      parseCount,
    )
}

/** Converts the options to the rule of the sites; `undefined` without a public channel or page. */
export function toPublicRule(flags: PublicFlags): PublicRule | { failure: string } | undefined {
  const { publicChannel: names, publicPath: paths, publicMinCount: minCount } = flags
  if (!names && !paths) return minCount === undefined ? undefined : { failure: hidesNothing }
  const channels = names && toChannels(names, paths !== undefined)
  return {
    ...(channels && { channels }),
    ...(paths && { paths }),
    ...(minCount !== undefined && { minCount }),
  }
}

const hidesNothing =
  '--public-min-count has no effect without public figures. Add --public-channel or --public-path.'

/** Returns the named channels; `undefined` for all but the feed. */
function toChannels(
  names: readonly (ChannelName | 'all')[],
  hasPaths: boolean,
): readonly ChannelName[] | undefined {
  const isOnlyAll = names.every(name => name === 'all')
  if (isOnlyAll && !hasPaths) return undefined
  const hasAll = names.includes('all')
  return channelNames.filter(name => names.includes(name) || (hasAll && name !== 'recentEvents'))
}
