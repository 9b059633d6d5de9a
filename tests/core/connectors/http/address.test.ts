import { isAllowedAddress } from '../../../../core/connectors/http/address.ts';

describe('isAllowedAddress', () => {
  test.each(['8.8.8.8', '1.1.1.1', '100.63.255.255', '172.32.0.1', '2606:4700:4700::1111', '2a00:1450::1'])(
    '%s is public',
    (address) => {
      expect(isAllowedAddress(address, false)).toBe(true);
    },
  );

  test.each([
    ['loopback', '127.0.0.1', '127.255.255.254', '::1'],
    ['private', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12:3456::1'],
    ['carrier-grade NAT', '100.64.0.1', '100.127.255.255'],
    ['link-local', '169.254.1.1', 'fe80::1', 'fe80::1%eth0', 'fec0::1'],
    [
      'metadata of clouds',
      '169.254.169.254',
      '168.63.129.16',
      '100.100.100.200',
      '192.0.0.192',
      'fd00:ec2::254',
    ],
    [
      'reserved',
      '192.0.0.1',
      '192.0.2.1',
      '192.88.99.1',
      '198.18.0.1',
      '198.51.100.1',
      '203.0.113.1',
      '240.0.0.1',
    ],
    ['reserved IPv6', '100::1', '2001:db8::1', '2001:2::1', '3fff::1', '4000::1', '5f00::1'],
    ['mapped', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8'],
    ['compatible', '::127.0.0.1', '::7f00:1', '::8.8.8.8'],
    ['translated', '::ffff:0:127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::a00:1'],
    ['6to4', '2002:7f00:1::', '2002:808:808::1'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  ])('%s addresses take allow_private', (_kind, ...addresses) => {
    expect(addresses.filter((address) => isAllowedAddress(address, false))).toEqual([]);
    expect(addresses.filter((address) => !isAllowedAddress(address, true))).toEqual([]);
  });

  test.each([
    ['unspecified', '0.0.0.0', '0.1.2.3', '::', '::ffff:0.0.0.0'],
    ['multicast', '224.0.0.1', '239.255.255.255', 'ff02::1', '::ffff:224.0.0.1'],
    ['broadcast', '255.255.255.255', '::ffff:255.255.255.255'],
    ['not an address', 'localhost', '', '127.0.0.1:80', '[::1]'],
  ])('%s is never allowed', (_kind, ...addresses) => {
    const allowed = addresses.filter((each) => isAllowedAddress(each, true) || isAllowedAddress(each, false));
    expect(allowed).toEqual([]);
  });

  test.each([
    'http://0177.0.0.1',
    'http://0x7f.1',
    'http://2130706433',
    'http://127.1',
    'http://①②⑦.0.0.1',
    'http://[::ffff:7f00:1]',
    'http://[::127.0.0.1]',
  ])('the host of %s is one that takes allow_private', (url) => {
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
    expect([isAllowedAddress(host, false), isAllowedAddress(host, true)]).toEqual([false, true]);
  });
});
