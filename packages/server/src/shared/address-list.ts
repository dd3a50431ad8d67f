import { BlockList, isIP } from 'node:net'
import { parseAddress } from './address.ts'

/** A set of IP addresses. */
export interface AddressList {
  /** Returns whether an address is in the list, in any notation. An unknown address is not. */
  has(address: string): boolean
}

const block = /^([^/]*)(?:\/(\d{1,3}))?$/

/** Returns whether a text is an address or a CIDR block. */
export function isAddressBlock(text: string): boolean {
  return parseBlock(text) !== undefined
}

/**
 * @param blocks addresses and CIDR blocks
 * @param field name of the option in errors
 * @throws {TypeError} for a text that is neither an address nor a CIDR block
 */
export function createAddressList(blocks: readonly string[], field: string): AddressList {
  const list = new BlockList()
  for (const text of blocks) {
    const parsed = parseBlock(text)
    if (!parsed) {
      throw new TypeError(
        `${field}: ${JSON.stringify(text)} is not an address or a CIDR block; for example 10.0.0.0/8.`,
      )
    }
    list.addSubnet(parsed.address, parsed.length, parsed.family)
  }
  return {
    has(text) {
      const address = parseAddress(text)
      if (address === undefined) return false
      return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
    },
  }
}

function parseBlock(
  text: string,
): { address: string; length: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [, address = '', prefix] = block.exec(text) ?? []
  const version = isIP(address)
  const maxLength = version === 6 ? 128 : 32
  const length = prefix === undefined ? maxLength : Number(prefix)
  if (version === 0 || length > maxLength) return undefined
  return { address, length, family: version === 6 ? 'ipv6' : 'ipv4' }
}
