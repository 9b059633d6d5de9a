import { permissionsIn } from '../../../core/deployments/operator.ts';

const files = (file: string | { readonly base64: string }) => ({ 'policies/permission_policies.json': file });

test.each([
  [{}, 'absent'],
  [files('{}'), 'read'],
  [files('{'), 'invalid'],
  [files({ base64: 'wyg=' }), 'invalid'],
])('reads the permission policies of %j as %s', (given, status) => {
  expect(permissionsIn({ files: given })).toMatchObject({ status });
});
