import { tenantOfProcess } from '../../../core/values/tenant.ts';

test.each([
  [{ tenant: 'acme' }, 'acme'],
  [{ tenant: undefined }, 'default'],
  [{}, 'default'],
])('tenantOfProcess of %j', (settings, tenant) => {
  expect(tenantOfProcess(settings)).toBe(tenant);
});
