import type { JsonObject } from '../../../core/json.ts';
import { readCatalogue } from '../../../core/marketplace/catalogue.ts';
import {
  capabilityLines,
  demandTrust,
  findPackage,
  outdated,
  planInstall,
} from '../../../core/marketplace/install-plan.ts';
import type { InstallAsk } from '../../../core/marketplace/install-plan.ts';
import { readPackage } from '../../../core/marketplace/package.ts';
import type { SkillPackage } from '../../../core/marketplace/package.ts';
import type { LockEntry } from '../../../core/marketplace/package-lock.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aPackage } from '../../support/marketplace-fixtures.ts';

const CATALOGUE = readCatalogue('catalog.json', [
  aPackage('x/lib', { version: '1.0.0' }),
  aPackage('x/lib', { version: '1.1.0' }),
  aPackage('x/lib', { version: '2.0.0', hosts: ['api.example'], connectors: ['api'], secrets: ['KEY'] }),
  aPackage('x/app', { version: '1.0.0', needs: { 'x/lib': '^1.0.0' } }),
  aPackage('x/app', { version: '2.0.0', needs: { 'x/lib': '^2.0.0' } }),
  aPackage('x/tool', { needs: { 'x/lib': '^2.0.0' } }),
  { ...aPackage('x/broken'), signature: '' },
  aPackage('x/early', { version: '1.0.0-beta.1' }),
  aPackage('x/late', { version: '1.0.0' }),
  aPackage('x/late', { version: '2.0.0-beta.1' }),
]);

function installed(version: string, id = 'x/lib'): SkillPackage {
  const found = CATALOGUE.packages.find((each) => each.id === id && each.version === version);
  if (found === undefined) throw new Error(`no ${id} ${version}`);
  return found;
}

/** `goals` as `id@range`, and installed packages with whether somebody asked for them. */
function plan(
  goals: readonly string[],
  present: readonly (readonly [SkillPackage, boolean])[],
  update = false,
) {
  const ask: InstallAsk = {
    catalogue: CATALOGUE,
    lock: new Map(
      present.map(([{ id, version, dependencies }, explicit]) => [
        id,
        { version, explicit, dependencies } as LockEntry,
      ]),
    ),
    installed: new Map(present.map(([found]) => [found.id, found])),
    goals: goals.map((goal) => {
      const [id = '', version = '*'] = goal.split('@');
      return { id: parseSkillId(id), version };
    }),
    update,
  };
  return planInstall(ask).map(({ package: found, from }) =>
    [found.id, from?.version, found.version].filter(Boolean).join(' '),
  );
}

describe('planInstall', () => {
  test.each<
    [string, readonly string[], readonly (readonly [SkillPackage, boolean])[], boolean, readonly string[]]
  >([
    ['installs the newest with its dependencies', ['x/app'], [], false, ['x/lib 2.0.0', 'x/app 2.0.0']],
    ['installs what fits the range', ['x/app@^1.0.0'], [], false, ['x/lib 1.1.0', 'x/app 1.0.0']],
    ['keeps an installed version that fits', ['x/lib'], [[installed('1.0.0'), true]], false, []],
    [
      'replaces one that does not',
      ['x/lib@^1.1.0'],
      [[installed('1.0.0'), true]],
      false,
      ['x/lib 1.0.0 1.1.0'],
    ],
    ['uses an installed dependency', ['x/app@^1.0.0'], [[installed('1.0.0'), false]], false, ['x/app 1.0.0']],
    [
      'moves a dependency if it must',
      ['x/app'],
      [[installed('1.0.0'), false]],
      false,
      ['x/lib 1.0.0 2.0.0', 'x/app 2.0.0'],
    ],
    [
      'chooses what leaves an installed package alone',
      ['x/app'],
      [[installed('1.0.0'), true]],
      false,
      ['x/app 1.0.0'],
    ],
    ['updates to the newest', ['x/lib@>=1.0.0'], [[installed('1.0.0'), true]], true, ['x/lib 1.0.0 2.0.0']],
    [
      'updates as far as others allow',
      ['x/lib@>=1.0.0'],
      [
        [installed('1.0.0'), false],
        [installed('1.0.0', 'x/app'), true],
      ],
      true,
      ['x/lib 1.0.0 1.1.0'],
    ],
    [
      'leaves a dependency alone that is a version before its release',
      ['x/late'],
      [[installed('1.0.0-beta.1', 'x/early'), false]],
      false,
      ['x/late 1.0.0'],
    ],
    ['stays if it is the newest', ['x/lib@>=2.0.0'], [[installed('2.0.0'), true]], true, []],
  ])('%s', (_, goals, present, update, expected) => {
    expect(plan(goals, present, update)).toEqual(expected);
  });

  test.each<[readonly string[], readonly (readonly [SkillPackage, boolean])[], string, string]>([
    [['x/none'], [], 'unknown_package', 'does not hold it'],
    [['x/broken'], [], 'package_invalid', 'signature: expected base64'],
    [['x/tool'], [[installed('1.0.0'), true]], 'version_mismatch', 'x/lib'],
  ])('refuses %j: %s', (goals, present, _code, message) => {
    expect(() => plan(goals, present)).toThrow(message);
  });

  test('says which capabilities are new', () => {
    const goals = [{ id: parseSkillId('x/lib'), version: '*' }];
    const [step] = planInstall({
      catalogue: CATALOGUE,
      lock: new Map(),
      installed: new Map(),
      goals,
      update: false,
    });
    expect(step && capabilityLines(step.added)).toEqual(['host api.example', 'connector api', 'secret KEY']);
  });
});

test('demandTrust names the package and the reason', () => {
  const terms = { keyring: { keys: [] }, verify: () => true, production: false };
  expect(() => demandTrust([], terms)).not.toThrow();
  expect(() => demandTrust([installed('1.0.0')], terms)).toThrow(
    expect.objectContaining({
      code: 'signature_verification_failed',
      message: expect.stringMatching(/^signature_verification_failed: x\/lib: /),
      details: { package: 'x/lib', version: '1.0.0', reason: 'unknown_key' },
    }),
  );
  const trusted = { keys: [{ key_id: 'community-fixture', public_key: '', namespaces: ['x/*'] }] };
  expect(() => demandTrust([installed('1.0.0')], { ...terms, keyring: trusted })).not.toThrow();
});

test('outdated names what an update would choose, so no version before its release', () => {
  const lock = new Map(
    ['x/lib 1.0.0', 'x/app 2.0.0', 'x/gone 1.0.0', 'x/late 1.0.0'].map((text) => {
      const [id = '', version = ''] = text.split(' ');
      return [parseSkillId(id), { version } as LockEntry] as const;
    }),
  );
  expect(outdated(CATALOGUE, lock)).toEqual([{ id: 'x/lib', version: '1.0.0', latest: '2.0.0' }]);
});

test('findPackage finds the newest version', () => {
  expect(findPackage(CATALOGUE, parseSkillId('x/lib')).version).toBe('2.0.0');
});

test('findPackage tells a version twice from none', () => {
  const twice: JsonObject[] = [aPackage('x/lib'), aPackage('x/lib')];
  expect(() => findPackage(readCatalogue('c', twice), parseSkillId('x/lib'))).toThrow(
    'holds this version twice',
  );
  expect(readPackage(twice[0] ?? {}, '').status).toBe('read');
});
