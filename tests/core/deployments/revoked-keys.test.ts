import { keysIn, revokedAfter } from '../../../core/deployments/revoked-keys.ts';

const publicKey = (first: string) => Buffer.alloc(32, first).toString('base64');
const key = (id: string, first: string, revoked?: true) => ({
  key_id: id,
  public_key: publicKey(first),
  namespaces: ['community/*'],
  ...(revoked && { revoked }),
});
const withKeys = (...keys: readonly unknown[]) => ({
  files: { 'marketplace/keys.json': JSON.stringify({ keys }) },
});

test('refuses a deployment that trusts a revoked key again, also under another id', () => {
  expect(() => revokedAfter([publicKey('a')], [key('other', 'a')])).toThrow(
    expect.objectContaining({
      code: 'key_revoked',
      message: 'The deployment trusts the key "other", which an earlier one revoked; nothing was activated',
    }),
  );
});

test.each([
  ['nothing was revoked before', undefined, [key('one', 'a'), key('two', 'b', true)], ['b']],
  ['the key is revoked there too', ['a'], [key('one', 'a', true)], ['a']],
  ['it trusts other keys', ['a'], [key('two', 'b')], ['a']],
  ['it no longer names the key', ['a'], [], ['a']],
])('allows one where %s', (_why, before, keys, expected) => {
  expect(revokedAfter(before?.map(publicKey), keys)).toEqual(expected.map(publicKey));
});

test.each([
  ['reads the keyring', withKeys(key('one', 'a')), [key('one', 'a')]],
  ['finds no keys without one', { files: {} }, []],
  ['finds none in an invalid one', { files: { 'marketplace/keys.json': '{' } }, []],
  ['finds none in what is no text', { files: { 'marketplace/keys.json': { base64: '/w==' } } }, []],
])('%s', (_what, content, expected) => {
  expect(keysIn(content)).toEqual(expected);
});
