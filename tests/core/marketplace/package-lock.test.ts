import { readPackage } from '../../../core/marketplace/package.ts';
import {
  dependentsOf,
  isEntryOf,
  lockText,
  readLock,
  signedFields,
  unneeded,
} from '../../../core/marketplace/package-lock.ts';
import type { LockEntry, PackageLock } from '../../../core/marketplace/package-lock.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aPackage } from '../../support/marketplace-fixtures.ts';

const HASH = 'a'.repeat(64);

function entry(explicit: boolean, needs: readonly string[] = []): LockEntry {
  return {
    version: '1.0.0',
    source: 'catalog.json',
    key_id: 'k',
    explicit,
    dependencies: needs.map((id) => ({ id: parseSkillId(id), version: '*' })),
    capabilities: { hosts: [], connectors: [], secrets: [] },
    sha256: HASH,
    files: {},
  };
}

function lock(entries: Readonly<Record<string, LockEntry>>): PackageLock {
  return new Map(Object.entries(entries).map(([id, each]) => [parseSkillId(id), each]));
}

const LOCK = lock({
  'x/lib': entry(false, ['x/base']),
  'x/app': entry(true, ['x/lib']),
  'x/base': {
    ...entry(false),
    files: { 'implementations/x/base/a.ts': HASH, 'metadata/x/base.yaml': HASH },
  },
});

test('reads what it writes, sorted by id', () => {
  const text = lockText(LOCK);
  expect([...text.matchAll(/"(x\/\w+)": \{/g)].map(([, id]) => id)).toEqual(['x/app', 'x/base', 'x/lib']);
  expect(readLock(JSON.parse(text))).toEqual({ status: 'read', lock: LOCK });
});

test.each<readonly [unknown, string]>([
  [{ schema: 'skillos.lock/v2', packages: {} }, 'schema'],
  [{ schema: 'skillos.lock/v1', packages: { '../evil': entry(true) } }, 'packages'],
  [
    { schema: 'skillos.lock/v1', packages: { 'a/b': { ...entry(true), sha256: 'x' } } },
    'packages.a/b.sha256',
  ],
  ...['secrets/.env', 'settings.env', 'metadata/a/c.yaml', 'implementations/a/c.ts'].map(
    (file) =>
      [
        { schema: 'skillos.lock/v1', packages: { 'a/b': { ...entry(true), files: { [file]: HASH } } } },
        `packages.a/b.files: file "${file}"`,
      ] as const,
  ),
])('refuses %j', (value, problem) => {
  const reading = readLock(value);
  expect(reading.status === 'refused' && reading.problem).toContain(problem);
});

test('dependentsOf names what needs a package', () => {
  expect(dependentsOf(LOCK, parseSkillId('x/lib'))).toEqual(['x/app']);
  expect(dependentsOf(LOCK, parseSkillId('x/app'))).toEqual([]);
});

test('unneeded follows dependencies of dependencies', () => {
  expect(unneeded(LOCK)).toEqual([]);
  expect(unneeded(lock({ 'x/lib': entry(false, ['x/base']), 'x/base': entry(false) }))).toEqual([
    'x/lib',
    'x/base',
  ]);
  expect(unneeded(lock({ 'x/a': entry(true, ['x/b', 'x/gone']), 'x/b': entry(false, ['x/a']) }))).toEqual([]);
});

describe('isEntryOf', () => {
  const reading = readPackage(aPackage('a/b', { needs: { 'a/c': '*' }, hosts: ['x.example'] }), '[0]');
  if (reading.status !== 'read') throw new Error(reading.problem);
  const found = reading.package;
  const fields = signedFields(found);
  const good: LockEntry = {
    ...entry(true),
    ...fields,
    files: { ...fields.files, 'metadata/a/b.yaml': HASH },
  };

  test.each<[boolean, string, Partial<LockEntry>]>([
    [true, 'no edit', {}],
    [true, 'another source', { source: 'elsewhere.json', explicit: false }],
    [false, 'another version', { version: '1.0.1' }],
    [false, 'another key', { key_id: 'other' }],
    [false, 'no dependencies', { dependencies: [] }],
    [false, 'no capabilities', { capabilities: { hosts: [], connectors: [], secrets: [] } }],
    [false, 'another hash', { files: { 'implementations/a/b.ts': HASH } }],
    [false, 'no files', { files: {} }],
    [false, 'one more file', { files: { ...good.files, 'implementations/a/b.js': HASH } }],
  ])('is %s after %s', (expected, _, edited) => {
    expect(isEntryOf({ ...good, ...edited }, found)).toBe(expected);
  });
});
