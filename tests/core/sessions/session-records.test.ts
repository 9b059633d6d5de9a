import { sessionRecords } from '../../../core/sessions/session-records.ts';
import { newSession } from '../../../core/sessions/session.ts';
import { aRights } from '../../support/builders.ts';
import { memoryRecords } from '../../support/memory-records.ts';

test('pages hold sessions of one tenant, and with a subject only those of its principals', async () => {
  const sessions = sessionRecords(memoryRecords());
  for (const [tenant, id, subject] of [
    ['acme', 's1', 'ann'],
    ['acme', 's2', 'bob'],
    ['acme', 's3', 'ann'],
    ['other', 's4', 'ann'],
  ] as const) {
    const caller = aRights({ tenant, principal: { subject, roles: [], via: 'jwt' } });
    await sessions.update({ tenant, id }, () => newSession(caller, { id, at: '2026-01-02T03:04:05.000Z' }));
  }
  const idsOf = async (query: { readonly subject?: string; readonly after: string }) =>
    (await sessions.page({ tenant: 'acme', limit: 9, ...query })).map(({ id }) => id);
  expect(await idsOf({ after: '' })).toEqual(['s1', 's2', 's3']);
  expect(await idsOf({ after: '', subject: 'ann' })).toEqual(['s1', 's3']);
  expect(await idsOf({ after: 's1', subject: 'ann' })).toEqual(['s3']);
});
