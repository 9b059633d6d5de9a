import { refuseRevokedKeys } from '../../../core/deployments/revoked-keys.ts';

const key = (id: string, first: string, revoked?: true) => ({
  key_id: id,
  public_key: Buffer.alloc(32, first).toString('base64'),
  namespaces: ['community/*'],
  ...(revoked && { revoked }),
});
const withKeys = (...keys: readonly unknown[]) => ({
  files: { 'marketplace/keys.json': JSON.stringify({ keys }) },
});

test('refuses a deployment that trusts a revoked key again, also under another id', () => {
  const active = withKeys(key('one', 'a', true), key('two', 'b'));
  expect(() => refuseRevokedKeys(active, withKeys(key('other', 'a')))).toThrow(
    expect.objectContaining({
      code: 'key_revoked',
      message: 'That deployment trusts the key "other", which has been revoked since; nothing was activated',
    }),
  );
});

test.each([
  ['the key is revoked there too', withKeys(key('one', 'a', true))],
  ['it trusts other keys', withKeys(key('two', 'b'))],
  ['it has no keys', { files: {} }],
  ['its keys are not valid, and so trusted by nobody', { files: { 'marketplace/keys.json': '{' } }],
  ['its keys are not even text', { files: { 'marketplace/keys.json': { base64: '/w==' } } }],
])('allows one where %s', (_why, next) => {
  expect(() => refuseRevokedKeys(withKeys(key('one', 'a', true)), next)).not.toThrow();
});
