import { callerOf, localCaller } from '../../../core/rights/caller.ts';
import type { IdentityRequest } from '../../../core/rights/caller.ts';

const who = (claims: object, asked: IdentityRequest = {}) =>
  callerOf({ sub: 'ann', exp: 1, ...claims }, asked).principal;
const tenantOf = (claims: object, tenant?: string) => callerOf({ sub: 'ann', ...claims }, { tenant }).tenant;

describe('localCaller', () => {
  test('believes the role that is asked for', () => {
    expect(localCaller('ann', { role: 'admin', tenant: 'acme' })).toEqual({
      principal: { subject: 'ann', roles: ['admin'], via: 'local' },
      tenant: 'acme',
    });
    expect(localCaller('ann', {})).toEqual({
      principal: { subject: 'ann', roles: [], via: 'local' },
      tenant: 'default',
    });
  });

  test.each(['', 'a\nb', 'x'.repeat(201)])('refuses the role %j', (role) => {
    expect(() => localCaller('ann', { role })).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

describe('callerOf', () => {
  test('takes subject, roles, permissions, tenant and attributes from the claims', () => {
    const claims = {
      iss: 'issuer',
      sub: 'ann',
      aud: 'skillos',
      exp: 2,
      nbf: 1,
      iat: 1,
      jti: 'x',
      role: 'boss',
      roles: ['clerk', 'boss'],
      scope: 'runs:read  admin:*',
      tenant_id: 'acme',
      team: 'ops',
      groups: ['a', 'b'],
      level: 3,
      trusted: true,
      address: { city: 'Sochi' },
      mixed: ['a', null],
      nothing: null,
    };
    expect(callerOf(claims, {})).toEqual({
      principal: {
        subject: 'ann',
        roles: ['boss', 'clerk'],
        via: 'jwt',
        permissions: ['runs:read', 'admin:*'],
        attributes: { team: 'ops', groups: ['a', 'b'], level: 3, trusted: true },
      },
      tenant: 'acme',
    });
  });

  test.each<[object, readonly string[]]>([
    [{}, []],
    [{ roles: 'clerk' }, ['clerk']],
    [{ roles: 'two words' }, ['two words']],
    [{ role: null, roles: null }, []],
  ])('of %j takes the roles %j', (claims, roles) => {
    expect(who(claims).roles).toEqual(roles);
  });

  test.each<[object, readonly string[]]>([
    [{}, []],
    [{ permissions: ['a b', 'c'] }, ['a b', 'c']],
    [{ permissions: 'users:read admin' }, ['users:read', 'admin']],
    [{ permissions: [], scope: 'admin:*' }, []],
    [{ scopes: 'a', scope: 'b' }, ['a']],
    [{ scopes: null, scope: '' }, []],
  ])('of %j takes the permissions %j', (claims, permissions) => {
    expect(who(claims).permissions).toEqual(permissions);
  });

  test.each<[object, string | undefined, string]>([
    [{}, undefined, 'default'],
    [{}, 'acme', 'acme'],
    [{ tenant_id: 'acme', tid: 'other' }, undefined, 'acme'],
    [{ tenant: 'acme' }, 'acme', 'acme'],
    [{ tid: '8b0b5f56-6f3d-4f25-8c5e-2f3d1b1d6b11' }, undefined, '8b0b5f56-6f3d-4f25-8c5e-2f3d1b1d6b11'],
  ])('of %j with the setting %s takes the tenant %s', (claims, setting, tenant) => {
    expect(tenantOf(claims, setting)).toBe(tenant);
  });

  test('refuses the tenant of another', () => {
    expect(() => tenantOf({ tenant: 'beta' }, 'acme')).toThrow(
      expect.objectContaining({
        code: 'tenant_mismatch',
        message: 'The tenant of the token is "beta", but "acme" was requested',
      }),
    );
  });

  test.each<[object, string]>([
    [{ sub: undefined }, 'Invalid claim "sub": expected a text'],
    [{ sub: '' }, 'Invalid claim "sub": expected 1 to 200 characters, none of them control characters'],
    [
      { sub: 'a\u0000b' },
      'Invalid claim "sub": expected 1 to 200 characters, none of them control characters',
    ],
    [
      { sub: 'x'.repeat(201) },
      'Invalid claim "sub": expected 1 to 200 characters, none of them control characters',
    ],
    [{ sub: 7 }, 'Invalid claim "sub": expected a text'],
    [{ role: ['admin'] }, 'Invalid claim "role": expected a text'],
    [{ roles: { admin: true } }, 'Invalid claim "roles": expected a text or a list of texts'],
    [{ roles: ['a', 1] }, 'Invalid claim "roles.1": expected a text'],
    [{ permissions: [''] }, expect.stringContaining('"permissions.0"')],
    [{ scope: 1 }, 'Invalid claim "scope": expected a text or a list of texts'],
    [{ scope: Array.from({ length: 1001 }, () => 'a') }, 'Invalid claim "scope": expected at most 1000'],
    [{ tenant_id: 'Acme Corp/42' }, expect.stringMatching(/^Invalid claim "tenant_id": expected a-z/)],
    [{ tid: '../../etc' }, expect.stringMatching(/^Invalid claim "tid": expected a-z/)],
    [{ tenant: 1 }, 'Invalid claim "tenant": expected a text'],
  ])('refuses %j', (claims, message) => {
    expect(() => who(claims)).toThrow(expect.objectContaining({ code: 'token_invalid', message }));
  });

  test('narrows to a role of the token and removes the permissions of the token', () => {
    const claims = { roles: ['admin', 'viewer'], permissions: ['*'], team: 'ops' };
    expect(who(claims, { role: 'viewer' })).toEqual({
      subject: 'ann',
      roles: ['viewer'],
      via: 'jwt',
      permissions: [],
      attributes: { team: 'ops' },
    });
  });

  test.each([{ role: 'viewer' }, { roles: [] }, {}])('never raises %j to admin', (claims) => {
    expect(() => who(claims, { role: 'admin' })).toThrow(
      expect.objectContaining({
        code: 'role_not_held',
        message: 'The token does not contain the role "admin"',
      }),
    );
  });
});
