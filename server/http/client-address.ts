/** Finds the address of the client behind trusted proxies. Koa's `app.proxy` trusts every sender of the header. */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

export type AddressOf = (request: IncomingMessage) => string;

/** An address as some proxies write it, with a port. */
const WITH_PORT = /^(?:\[([^\]]+)\]|(\d+(?:\.\d+){3}))(?::\d{1,5})?$/;

/**
 * Without proxies the client has the address of the connection. Behind them it has the right-most address of
 * X-Forwarded-For that belongs to no proxy; the client itself may have written what stands further left.
 */
export function openClientAddresses(proxies: readonly string[] = []): AddressOf {
  const trusted = networksOf(proxies);
  return ({ socket, headers }) => {
    let client = socket.remoteAddress ?? '';
    if (proxies.length === 0) return client;
    const hops = String(headers['x-forwarded-for'] ?? '').split(',');
    for (const hop of hops.toReversed().map(bare)) {
      if (isIP(hop) === 0 || !trusted.check(client, familyOf(client))) break;
      client = hop;
    }
    return client;
  };
}

function networksOf(proxies: readonly string[]): BlockList {
  const networks = new BlockList();
  for (const proxy of proxies) {
    const [address, bits] = proxy.split('/') as [string, string?];
    if (bits === undefined) networks.addAddress(address, familyOf(address));
    else networks.addSubnet(address, Number(bits), familyOf(address));
  }
  return networks;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

function bare(hop: string): string {
  const [, inBrackets, dotted] = WITH_PORT.exec(hop.trim()) ?? [];
  return inBrackets ?? dotted ?? hop.trim();
}
