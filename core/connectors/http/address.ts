/** Decides which addresses a connector may connect to. */
import ipaddr from 'ipaddr.js';

/** Nothing answers there, or everybody does. */
const NEVER: ReadonlySet<string> = new Set(['unspecified', 'multicast', 'broadcast']);
/** All that the internet routes (IANA, IPv6 Global Unicast Address Assignments). */
const IPV6_GLOBAL = ipaddr.IPv6.parse('2000::');
/** A public address that Azure answers to virtual machines only, with their metadata. */
const AZURE_METADATA = '168.63.129.16';

/**
 * `address` is one that is connected to, as text. Without `allowPrivate` it must be one of the public internet; IPv6
 * addresses that stand for an IPv4 address (mapped, NAT64, 6to4, Teredo) are not.
 */
export function isAllowedAddress(address: string, allowPrivate: boolean): boolean {
  if (!ipaddr.isValid(address)) return false;
  if (allowPrivate) return !NEVER.has(ipaddr.process(address).range());
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' ? parsed.toString() !== AZURE_METADATA : parsed.match(IPV6_GLOBAL, 3);
}
