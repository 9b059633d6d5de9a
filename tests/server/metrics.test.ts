import { openApi } from '../support/api.ts';
import { rootWith } from '../support/deployment.ts';
import { SECRET, signToken } from '../support/tokens.ts';
import { writeFiles } from '../support/write-files.ts';

test('the figures of runs are for those who may read the runs of that tenant', async () => {
  const root = rootWith({});
  const roles = { reader: ['runs:read'], approver: ['approvals:decide'] };
  writeFiles(root, { 'policies/permission_policies.json': JSON.stringify({ roles, policies: [] }) });
  const api = await openApi(root, { settings: { SKILLOS_JWT_SECRET: SECRET } });
  const seenBy = async (claims: object) => {
    const authorization = `Bearer ${await signToken(claims)}`;
    const { status, text } = await api.get('/metrics', { authorization });
    return [status, text.includes('skillos_http_requests_in_flight'), text.includes('skillos_recent_')];
  };
  expect(await seenBy({ roles: ['reader'] })).toEqual([200, true, true]);
  expect(await seenBy({ roles: ['approver'] })).toEqual([200, true, false]);
  expect(await seenBy({ roles: ['reader'], tenant: 'acme' })).toEqual([200, true, false]);
  expect(api.faults).toEqual([]);
  await api.close();
});
