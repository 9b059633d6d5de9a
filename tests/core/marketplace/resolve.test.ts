import * as fc from 'fast-check';
import type { Requirement } from '../../../core/marketplace/package.ts';
import { resolve } from '../../../core/marketplace/resolve.ts';
import type { Candidate } from '../../../core/marketplace/resolve.ts';
import { compareVersions, fits } from '../../../core/marketplace/versions.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';

/** `a 1.0.0 b@^1.0.0 c@*`: an id without its domain, a version, and what it needs. */
function candidates(lines: readonly string[]): readonly Candidate[] {
  return lines.map((line) => {
    const [name = '', version = '', ...needs] = line.split(' ');
    return { id: parseSkillId(`x/${name}`), version, dependencies: needs.map(need) };
  });
}

function need(text: string): Requirement {
  const [name = '', version = ''] = text.split('@');
  return { id: parseSkillId(`x/${name}`), version };
}

function solve(goals: readonly string[], all: readonly Candidate[]) {
  return resolve(goals.map(need), (id) =>
    all.filter((each) => each.id === id).sort((a, b) => compareVersions(b.version, a.version)),
  );
}

function shown(goals: readonly string[], lines: readonly string[]) {
  const resolution = solve(goals, candidates(lines));
  return resolution.status === 'resolved'
    ? resolution.packages.map(({ id, version }) => `${id.slice(2)} ${version}`)
    : `${resolution.code} ${resolution.id}`;
}

describe('resolve', () => {
  test.each<[string, readonly string[], readonly string[], readonly string[] | string]>([
    ['takes the highest version', ['a@*'], ['a 1.0.0', 'a 1.10.0', 'a 1.9.0'], ['a 1.10.0']],
    [
      'puts dependencies first',
      ['a@*'],
      ['a 1.0.0 b@*', 'b 1.0.0 c@*', 'c 1.0.0'],
      ['c 1.0.0', 'b 1.0.0', 'a 1.0.0'],
    ],
    [
      'names a package once',
      ['a@*', 'b@*'],
      ['a 1.0.0 c@*', 'b 1.0.0 c@*', 'c 1.0.0'],
      ['c 1.0.0', 'a 1.0.0', 'b 1.0.0'],
    ],
    [
      'looks at a shared dependency once',
      ['d@*', 'b@*', 'c@*', 'a@*'],
      ['a 1.0.0 b@* c@*', 'b 1.0.0 d@*', 'c 1.0.0 d@*', 'd 1.0.0'],
      ['d 1.0.0', 'b 1.0.0', 'c 1.0.0', 'a 1.0.0'],
    ],
    [
      'goes back to a lower version that fits',
      ['a@*', 'b@*'],
      ['a 1.0.0 c@^1.0.0', 'a 2.0.0 c@^2.0.0', 'b 1.0.0 c@^1.0.0', 'c 1.0.0', 'c 2.0.0'],
      ['c 1.0.0', 'a 1.0.0', 'b 1.0.0'],
    ],
    [
      'avoids a version that closes a cycle',
      ['a@*'],
      ['a 1.0.0 b@*', 'b 2.0.0 a@*', 'b 1.0.0'],
      ['b 1.0.0', 'a 1.0.0'],
    ],
    ['refuses a cycle', ['a@*'], ['a 1.0.0 b@*', 'b 1.0.0 c@*', 'c 1.0.0 b@*'], 'circular_dependency x/c'],
    ['refuses a package that needs itself', ['a@*'], ['a 1.0.0 a@*'], 'circular_dependency x/a'],
    ['refuses what is missing', ['a@*'], ['a 1.0.0 b@*'], 'missing_dependency x/b'],
    ['refuses a missing goal', ['a@*'], [], 'missing_dependency x/a'],
    ['refuses a goal without a fitting version', ['a@^2.0.0'], ['a 1.0.0'], 'version_mismatch x/a'],
    [
      'refuses a clash',
      ['a@*', 'b@*'],
      ['a 1.0.0 c@1.0.0', 'b 1.0.0 c@2.0.0', 'c 1.0.0', 'c 2.0.0'],
      'version_mismatch x/c',
    ],
  ])('%s', (_, goals, lines, expected) => {
    expect(shown(goals, lines)).toEqual(expected);
  });

  test('ends on a catalogue that is made to keep it busy', () => {
    const names = Array.from({ length: 40 }, (_, index) => `p${index}`);
    const lines = names.flatMap((name, index) =>
      ['1.0.0', '2.0.0'].map((version) => `${name} ${version} ${names[index + 1] ?? 'lost'}@*`),
    );
    expect(shown(['p0@*'], lines)).toBe('missing_dependency x/lost');
  });

  test('finds a choice whenever there is one, and only valid ones', () => {
    const names = ['a', 'b', 'c', 'd'] as const;
    const range = fc.constantFrom('*', '1.0.0', '2.0.0', '>=2.0.0');
    const needs = fc.uniqueArray(fc.tuple(fc.constantFrom(...names), range), {
      maxLength: 3,
      selector: ([name]) => name,
    });
    const versions = fc.subarray(['1.0.0', '2.0.0', '3.0.0']);
    const graph = fc.tuple(
      ...names.map((name) =>
        versions.chain((all) =>
          fc.tuple(...all.map((version) => fc.tuple(fc.constant(`${name} ${version}`), needs))),
        ),
      ),
    );
    fc.assert(
      fc.property(graph, needs, (packages, goals) => {
        const all = candidates(
          packages
            .flat()
            .map(([head, given]) => [head, ...given.map(([name, wanted]) => `${name}@${wanted}`)].join(' ')),
        );
        const wanted = goals.map(([name, given]) => `${name}@${given}`);
        const found = solve(wanted, all);
        expect(found.status === 'resolved').toBe(someChoice(all, wanted.map(need)));
        if (found.status === 'resolved') expect(isValid(found.packages, wanted.map(need))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

test('a hostile catalogue is not searched to its end', () => {
  let looks = 0;
  const [needed, needing] = candidates(['b 1.0.0', 'a 1.0.0 b@^2.0.0']);
  const watched = {
    ...(needed as Candidate),
    get version() {
      looks++;
      return '1.0.0';
    },
  };
  const found = resolve([need('a@*')], (id) =>
    Array.from<Candidate>({ length: 5_000 }).fill(id === 'x/b' ? watched : (needing as Candidate)),
  );
  expect(found.status).toBe('failed');
  expect(looks).toBeLessThan(1_000_000);
});

/** Tries every set of versions. */
function someChoice(all: readonly Candidate[], goals: readonly Requirement[]): boolean {
  let sets: readonly (readonly Candidate[])[] = [[]];
  for (const id of new Set(all.map((each) => each.id))) {
    const versions = all.filter((each) => each.id === id);
    sets = sets.flatMap((set) => [set, ...versions.map((version) => set.concat(version))]);
  }
  return sets.some((set) => isValid(set, goals));
}

function isValid(set: readonly Candidate[], goals: readonly Requirement[]): boolean {
  const all = [...goals, ...set.flatMap((each) => each.dependencies)];
  const fitsAll = all.every(({ id, version }) =>
    set.some((each) => each.id === id && fits(each.version, version)),
  );
  return fitsAll && !hasCycle(set);
}

function hasCycle(set: readonly Candidate[]): boolean {
  let open = set;
  for (let before = -1; open.length !== before;) {
    before = open.length;
    const left = open;
    open = left.filter(({ dependencies }) =>
      dependencies.some((needed) => left.some((each) => each.id === needed.id)),
    );
  }
  return open.length > 0;
}
