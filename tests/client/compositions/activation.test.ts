import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCatalog } from '../../../adapters/catalog/catalog.ts';
import { openCompositions } from '../../../adapters/catalog/composition-files.ts';
import { manifestEditor } from '../../../adapters/catalog/manifest-edit.ts';
import { activateComposition } from '../../../client/compositions/activation.ts';
import type { Activation, ActivationPorts } from '../../../client/compositions/activation.ts';
import type { Actor } from '../../../client/audit/authorize.ts';
import { composeSkill } from '../../../client/compositions/compositions.ts';
import { readContent } from '../../../client/skills/skill-content.ts';
import type { DecisionWord } from '../../../core/approvals/approval.ts';
import { isActive } from '../../../core/skills/composition.ts';
import type { JsonObject } from '../../../core/json.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import type { Rights } from '../../../core/rights/permission-policy.ts';
import { parseSteps } from '../../../core/plans/plan-steps.ts';
import { reportKey } from '../../../core/testing/skill-test.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aRights } from '../../support/builders.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { memoryRecords } from '../../support/memory-records.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { aManifest, writeFiles } from '../../support/write-files.ts';

const TRIP = parseSkillId('travel/trip');
const FILE = 'compositions/travel/trip.json';

interface Asking {
  readonly decision?: DecisionWord;
  readonly required?: string;
  readonly presented?: string;
  readonly rights?: Rights;
}

async function aComposition() {
  const root = tempFolder();
  writeFiles(root, { 'metadata/s/a.yaml': aManifest('s/a'), 'metadata/s/b.yaml': aManifest('s/b') });
  const journal = memoryJournal();
  let code = 'first';
  const ports: ActivationPorts = {
    catalogs: openCatalog(root),
    compositions: openCompositions(root),
    editManifest: manifestEditor(root),
    records: memoryRecords(),
    code: { freeze: async ({ id }) => `${code} code of ${id}` },
    journal,
    now: () => Date.parse('2026-01-02T03:04:05Z'),
  };
  const actor: Actor = { rights: aRights(), way: 'cli' };
  await composeSkill(ports, actor, { id: TRIP, steps: parseSteps(['s/a', 's/b']) });
  return {
    root,
    ports,
    actor,
    audited: async () => (await journal.read('audit/default')).entries.slice(1), // after its creation
    present: async () => (await ports.catalogs.find(TRIP))?.composition,
    editCode: () => {
      code = 'second';
    },
    editSteps: (steps: readonly string[]) => {
      const text = JSON.parse(readFileSync(join(root, FILE), 'utf8')) as JsonObject;
      writeFileSync(join(root, FILE), JSON.stringify({ ...text, steps, note: 'mine' }));
    },
    /** Puts on record that it was tested as it is. */
    test: async (passed = true) => {
      const content = await readContent(ports, TRIP);
      const report = { skill: TRIP, digest: content.digest, passed, at: 'yesterday', by: 'ann', results: [] };
      await ports.records.update('test-reports', reportKey(content), () => report);
    },
    activate: ({ decision, required, presented, rights = aRights() }: Asking = {}): Promise<Activation> =>
      activateComposition(
        ports,
        { rights, way: 'cli' },
        { id: TRIP, decision, token: { required, presented } },
      ),
  };
}

describe('activateComposition', () => {
  test('lets what was tested and approved run, and says so in the audit log', async () => {
    const { test, activate, present, audited } = await aComposition();
    await test();
    expect(await activate({ decision: 'approved' })).toEqual({ status: 'activated', version: '0.1.0' });
    const composition = await present();
    expect(composition && isActive(composition)).toBe(true);
    expect(composition?.activated).toMatchObject({ at: '2026-01-02T03:04:05.000Z', by: 'ann' });
    expect(await audited()).toMatchObject([
      {
        action: 'composition_activated',
        skill: TRIP,
        before: { active: false },
        after: { active: true, version: '0.1.0' },
      },
    ]);
    expect(await activate({ decision: 'approved' })).toEqual({ status: 'activated', version: '0.1.0' });
    expect(await audited()).toHaveLength(1);
  });

  test.each<[string, (trip: Awaited<ReturnType<typeof aComposition>>) => unknown, RegExp]>([
    ['it was never tested', () => undefined, /has not been tested/],
    ['its test failed', (trip) => trip.test(false), /failed its test of yesterday/],
    [
      'its steps were edited since',
      async (trip) => trip.test().then(() => trip.editSteps(['s/b'])),
      /has not been/,
    ],
    [
      'the code of a skill was edited since',
      async (trip) => trip.test().then(trip.editCode),
      /has not been tested/,
    ],
    [
      'it has been composed again since',
      async (trip) => {
        await trip.test();
        await composeSkill(trip.ports, trip.actor, { id: TRIP, steps: parseSteps(['s/b']) });
      },
      /has not been tested/,
    ],
  ])('asks for a test where %s', async (_, happens, message) => {
    const trip = await aComposition();
    await happens(trip);
    const activation = await trip.activate({ decision: 'approved' });
    expect(activation).toMatchObject({ status: 'tests_required', message: expect.stringMatching(message) });
    const composition = await trip.present();
    expect(composition && isActive(composition)).toBe(false);
  });

  test('takes the test of an earlier version with the same content', async () => {
    const { ports, actor, test, activate } = await aComposition();
    await test();
    await composeSkill(ports, actor, { id: TRIP, steps: parseSteps(['s/b']) });
    await composeSkill(ports, actor, { id: TRIP, steps: parseSteps(['s/a', 's/b']) });
    expect(await activate({ decision: 'approved' })).toEqual({ status: 'activated', version: '0.1.2' });
  });

  test('asks for an approval, and takes a denial', async () => {
    const { test, activate, present, audited } = await aComposition();
    await test();
    expect((await activate()).status).toBe('approval_required');
    expect((await activate({ decision: 'denied' })).status).toBe('approval_denied');
    expect((await present())?.active).toBe(false);
    expect(await audited()).toMatchObject([{ action: 'approval_denied', skill: TRIP }]);
  });

  test.each<[string, Asking, string]>([
    ['no token where one is set', { required: 'secret' }, 'approval_proof_invalid'],
    ['another token', { required: 'secret', presented: 'Secret' }, 'approval_proof_invalid'],
    ['the token', { required: 'secret', presented: 'secret' }, 'activated'],
    ['a token where none is set', { presented: 'whatever' }, 'activated'],
    ['who may write skills alone', { rights: rightsTo('skills:write') }, 'permission_denied'],
    ['who may decide alone', { rights: rightsTo('approvals:decide') }, 'permission_denied'],
    ['who may do both', { rights: rightsTo('skills:write', 'approvals:decide') }, 'activated'],
    [
      'in production who has composed it',
      { rights: { ...rightsTo('*'), production: true } },
      'permission_denied',
    ],
    ['in production somebody else', { rights: rightsOf('bob') }, 'activated'],
  ])('weighs who decides: %s', async (_, asking, expected) => {
    const { test, activate } = await aComposition();
    await test();
    const outcome = await activate({ decision: 'approved', ...asking }).then(
      ({ status }) => status,
      (error: { code: string }) => error.code,
    );
    expect(outcome).toBe(expected);
  });

  test('asks for the token before it denies', async () => {
    const { test, activate } = await aComposition();
    await test();
    await expect(activate({ decision: 'denied', required: 'secret' })).rejects.toMatchObject({
      code: 'approval_proof_invalid',
      message: 'Cannot decide about "travel/trip": the approval token is missing',
    });
  });

  test('makes a version of what was edited by hand, and keeps what else stands in the file', async () => {
    const { editSteps, test, activate, ports, root } = await aComposition();
    editSteps(['s/b']);
    await test();
    expect(await activate({ decision: 'approved' })).toEqual({ status: 'activated', version: '0.1.1' });
    const versions = await ports.compositions.versions(TRIP);
    expect(versions.map(({ version, steps, origin }) => [version, steps, origin])).toEqual([
      ['0.1.0', ['s/a', 's/b'], 'composed'],
      ['0.1.1', ['s/b'], 'edited by hand'],
    ]);
    expect(JSON.parse(readFileSync(join(root, FILE), 'utf8'))).toMatchObject({
      version: '0.1.1',
      note: 'mine',
    });
    expect((await ports.catalogs.find(TRIP))?.manifest.version).toBe('0.1.1');
  });

  test('rejects a skill with its own code', async () => {
    const { ports, actor } = await aComposition();
    const ask = { decision: undefined, token: { required: undefined, presented: undefined } };
    const activating = activateComposition(ports, actor, { id: parseSkillId('s/a'), ...ask });
    await expect(activating).rejects.toMatchObject({ code: 'unknown_composition' });
  });
});

function rightsTo(...permissions: readonly string[]): Rights {
  const file = parsePermissionFile(JSON.stringify({ roles: { author: permissions }, policies: [] }));
  return aRights({ file, principal: { subject: 'ann', roles: ['author'], via: 'local' } });
}

/** In production. */
function rightsOf(subject: string): Rights {
  const { file } = rightsTo('*');
  return aRights({ file, principal: { subject, roles: ['author'], via: 'jwt' }, production: true });
}
