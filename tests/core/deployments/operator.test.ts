import { mayDeploy, permissionsIn } from '../../../core/deployments/operator.ts';
import { aRights } from '../../support/builders.ts';

const files = (file: string | { readonly base64: string }) => ({ 'policies/permission_policies.json': file });

test.each([
  [{}, 'absent'],
  [files('{}'), 'read'],
  [files('{'), 'invalid'],
  [files({ base64: 'wyg=' }), 'invalid'],
])('reads the permission policies of %j as %s', (given, status) => {
  expect(permissionsIn({ files: given })).toMatchObject({ status });
});

test.each([
  ['acme', { isAllowed: true }],
  [
    'default',
    {
      isAllowed: false,
      reason: 'permission_denied',
      policy: 'SKILLOS_TENANT_ID',
      message: 'Deployments are of all tenants: expected a caller of the tenant "acme", not of "default"',
    },
  ],
])('rules on deployments by a caller of the tenant %s, where "acme" operates', (tenant, ruling) => {
  expect(mayDeploy(aRights({ tenant }), 'acme')).toMatchObject(ruling);
});
