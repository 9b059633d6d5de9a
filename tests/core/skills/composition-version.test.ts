import type { CompositionVersion } from '../../../core/skills/composition-version.ts';
import {
  diffSteps,
  sortVersions,
  unsavedVersion,
  versionNamed,
} from '../../../core/skills/composition-version.ts';
import { aComposition } from '../../support/builders.ts';

function aVersion(
  version: string,
  steps: readonly (string | readonly string[])[] = ['s/a'],
): CompositionVersion {
  return {
    ...aComposition('c/one', { version, steps }),
    created_at: '2026-01-02T03:04:05.000Z',
    created_by: 'ann',
    origin: 'composed',
  };
}

const KEPT = [aVersion('0.1.0'), aVersion('0.1.1', ['s/b'])];

describe('sortVersions', () => {
  test('counts parts as numbers', () => {
    const sorted = sortVersions(['0.1.10', '0.1.2', '0.1.1'].map((version) => aVersion(version)));
    expect(sorted.map(({ version }) => version)).toEqual(['0.1.1', '0.1.2', '0.1.10']);
  });
});

describe('versionNamed', () => {
  test('finds a version by its name', () => {
    expect(versionNamed(KEPT, '0.1.1')).toBe(KEPT[1]);
  });

  test('names those there are', () => {
    expect(() => versionNamed(KEPT, '0.2.0')).toThrow(
      expect.objectContaining({
        code: 'unknown_version',
        message: 'Unknown version "0.2.0": expected one of 0.1.0, 0.1.1',
      }),
    );
  });
});

describe('unsavedVersion', () => {
  test.each([
    ['was kept', { version: '0.1.1', steps: ['s/b'] }, undefined],
    ['was kept, written another way', { version: '0.1.1', steps: [['s/b']] }, undefined],
    ['was edited under its number', { version: '0.1.0', steps: ['s/c'] }, { version: '0.1.2' }],
    ['came under a number of its own', { version: '3.0.0', steps: ['s/c'] }, { version: '3.0.0' }],
  ])('returns the number for a composition that %s', (_, fields, expected) => {
    expect(unsavedVersion(aComposition('c/one', fields), KEPT)).toEqual(expected);
  });
});

describe('diffSteps', () => {
  test('marks each step as same, removed or added', () => {
    const before = aComposition('c/one', { steps: ['s/a', 's/b', 's/c'] });
    const after = aComposition('c/one', { steps: ['s/a', ['s/b', 's/d'], 's/c'] });
    expect(diffSteps(before, after)).toEqual([
      { change: 'same', step: 's/a' },
      { change: 'removed', step: 's/b' },
      { change: 'added', step: 's/b | s/d' },
      { change: 'same', step: 's/c' },
    ]);
  });
});
