import type { HostNames } from './guard/host-names.ts'
import type { Rates } from './guard/rates.ts'

/** Returns host names that are always the current ones, also after a reload. */
export function followHosts(current: () => HostNames): HostNames {
  return {
    get isListed() {
      return current().isListed
    },
    accepts: (host, connection) => current().accepts(host, connection),
  }
}

/** Returns rates that are always the current ones, also after a reload. */
export function followRates(current: () => Rates): Rates {
  return {
    get limitsVisitors() {
      return current().limitsVisitors
    },
    admitRead: network => current().admitRead(network),
    admitSender: network => current().admitSender(network),
    admitToSite: site => current().admitToSite(site),
    admitBatch: load => current().admitBatch(load),
  }
}
