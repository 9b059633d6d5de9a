import type { IncomingMessage } from 'node:http';
import { openClientAddresses } from '../../../server/http/client-address.ts';

const PROXIES = ['10.0.0.0/8', '192.0.2.7', 'fd00::/8'];

function from(remoteAddress: string | undefined, forwarded?: string): IncomingMessage {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return { socket: { remoteAddress }, headers } as IncomingMessage; // all that the function reads
}

describe('openClientAddresses', () => {
  test('reads no header without proxies', () => {
    expect(openClientAddresses()(from('10.0.0.1', '203.0.113.5'))).toBe('10.0.0.1');
    expect(openClientAddresses([])(from(undefined, '203.0.113.5'))).toBe('');
  });

  test.each([
    ['the address of the connection, if that is no proxy', '203.0.113.9', '203.0.113.5', '203.0.113.9'],
    ['the address of the proxy without a header', '10.0.0.1', undefined, '10.0.0.1'],
    ['the client that the proxy names', '10.0.0.1', '203.0.113.5', '203.0.113.5'],
    ['the right-most address that is no proxy', '10.0.0.1', '1.1.1.1, 203.0.113.5, 10.2.0.1', '203.0.113.5'],
    ['one behind single proxies and networks', '192.0.2.7', '203.0.113.5,10.9.9.9', '203.0.113.5'],
    ['the first of proxies alone', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['the last proxy if it names nonsense', '10.0.0.1', '203.0.113.5, unknown', '10.0.0.1'],
    ['the proxy if its header is empty', '10.0.0.1', '', '10.0.0.1'],
    ['IPv6 clients', 'fd00::1', '2001:db8::1', '2001:db8::1'],
    ['clients of a proxy with a mapped address', '::ffff:10.0.0.1', '203.0.113.5', '203.0.113.5'],
    ['a client with a port', '10.0.0.1', '203.0.113.5:4711', '203.0.113.5'],
    ['an IPv6 client with a port', '10.0.0.1', '[2001:db8::1]:4711', '2001:db8::1'],
  ])('gives %s', (_, remote, forwarded, expected) => {
    expect(openClientAddresses(PROXIES)(from(remote, forwarded))).toBe(expected);
  });
});
