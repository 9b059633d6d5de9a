import type { JsonValue } from '../../../core/json.ts';
import { catalogsWith, preparedText, readPrepared } from '../../../core/runs/prepared-skills.ts';
import type { Catalogs, SkillEntry } from '../../../core/skills/catalog.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aSkill } from '../../support/builders.ts';

const A = aSkill('test/a');
const B = aSkill('test/b');
const HASHES = new Map([
  [A.id, 'hash of a'],
  [B.id, 'hash of b'],
]);
const TEXT = preparedText({ entries: [B, A], hashes: HASHES });
const SKILLS = { ref: 'f'.repeat(64), bytes: TEXT.length };
const values = { uncarry: () => Promise.resolve(JSON.parse(TEXT) as JsonValue) };

const catalogOf = (...entries: readonly SkillEntry[]) =>
  ({
    find: (id) => Promise.resolve(entries.find((entry) => entry.id === id)),
    fingerprint: () => Promise.resolve('1'),
    load: () => Promise.reject(new Error('unused')),
  }) satisfies Catalogs;

describe('preparedText', () => {
  test('is the same in any order', () => {
    const hashes = new Map([...HASHES].reverse());
    expect(preparedText({ entries: [A, B], hashes })).toBe(TEXT);
  });

  test('leaves out the cases of an eval', () => {
    const evaluated = aSkill('test/a', { eval: { cases: [{ input: 'secret', expected: 'x' }] } });
    expect(preparedText({ entries: [evaluated, B], hashes: HASHES })).toBe(TEXT);
  });
});

describe('readPrepared', () => {
  test('reads the deployment, if the skills are from one', async () => {
    const text = preparedText({ entries: [A], hashes: HASHES, deployment: 'd1' });
    const stored = { uncarry: () => Promise.resolve(JSON.parse(text) as JsonValue) };
    expect((await readPrepared({ skills: SKILLS, steps: [] }, stored)).deployment).toBe('d1');
    expect((await readPrepared({ skills: SKILLS, steps: [] }, values)).deployment).toBeUndefined();
  });

  test('reads what was stored, and prefers the hashes of the steps', async () => {
    const steps = [{ number: 1, skill: A.id, hash: 'hash of the step' }];
    const { entries, hashes } = await readPrepared({ skills: SKILLS, steps }, values);
    expect(entries.map(({ id }) => id)).toEqual(['test/a', 'test/b']);
    expect([...hashes]).toEqual([
      ['test/a', 'hash of the step'],
      ['test/b', 'hash of b'],
    ]);
  });

  test('has the hashes of the steps of a run whose skills were not kept', async () => {
    const steps = [{ number: 1, skill: A.id, hash: 'hash of the step' }];
    expect(await readPrepared({ steps }, values)).toEqual({
      entries: [],
      hashes: new Map([['test/a', 'hash of the step']]),
    });
  });
});

describe('catalogsWith', () => {
  test('finds a present skill in the catalog, and one that is gone in the run', async () => {
    const present = { ...A, file: 'metadata/test/changed.yaml' };
    const catalogs = catalogsWith(catalogOf(present), { skills: SKILLS, steps: [] }, values);
    expect(await catalogs.find(A.id)).toBe(present);
    expect(await catalogs.find(B.id)).toEqual(JSON.parse(JSON.stringify(B)));
    expect(await catalogs.find(parseSkillId('test/c'))).toBeUndefined();
  });

  test.each([undefined, { steps: [] }])('is the catalog without kept skills', (record) => {
    const catalogs = catalogOf(A);
    expect(catalogsWith(catalogs, record, values)).toBe(catalogs);
  });
});
