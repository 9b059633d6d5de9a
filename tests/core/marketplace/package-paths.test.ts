import { manifestPath, pathsProblem } from '../../../core/marketplace/package-paths.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';

const ID = parseSkillId('acme/report');
const HOME = 'implementations/acme/report';

test('the manifest has the path of its id', () => {
  expect(manifestPath(ID)).toBe('metadata/acme/report.yaml');
});

describe('pathsProblem', () => {
  test.each([
    [[`${HOME}.ts`]],
    [[`${HOME}.mjs`, `${HOME}/data/rates.json`, `${HOME}/_a-b.c.ts`]],
    [[`${HOME}/index.ts`, `${HOME}/console.ts`]],
  ])('accepts %j', (paths) => {
    expect(pathsProblem(ID, paths)).toBeUndefined();
  });

  test.each([
    '../evil.ts',
    `${HOME}/../../../evil.ts`,
    `${HOME}/./a.ts`,
    `${HOME}//a.ts`,
    `${HOME}/`,
    '/etc/passwd',
    'C:\\evil.ts',
    `${HOME}\\evil.ts`,
    `C:${HOME}.ts`,
    `${HOME}/a\0.ts`,
    `${HOME}/.env`,
    `${HOME}/a.`,
    `${HOME}/a b.ts`,
    `${HOME}/caf\u00e9.ts`,
    `${HOME}/cafe\u0301.ts`,
    `${HOME}/a.ts:stream`,
    '',
  ])('refuses %j as no safe path', (path) => {
    expect(pathsProblem(ID, [path])).toContain('expected a relative path');
  });

  test.each(['con', 'NUL.txt', 'com1.ts', 'Lpt9', 'aux.d.ts'])('refuses the device %s', (name) => {
    expect(pathsProblem(ID, [`${HOME}/${name}`])).toContain('reserved on Windows');
  });

  test.each([
    'implementations/acme/other.ts',
    'implementations/acme/report',
    'implementations/acme/reports/a.ts',
    'implementations/acme/report.d/a.ts',
    'metadata/acme/report.yaml',
    'policies/permission_policies.json',
  ])('refuses %s, which is not beside the id', (path) => {
    expect(pathsProblem(ID, [path])).toContain('expected implementations/acme/report.<extension>');
  });

  test.each([
    [[`${HOME}/${'a'.repeat(200)}`], 'at most 200 characters'],
    [[`${HOME}/Node_Modules/zod/index.js`], 'no folder node_modules'],
    [[`${HOME}/a.ts`, `${HOME}/a.ts`], 'differs in case only'],
    [[`${HOME}/a.ts`, `${HOME}/A.ts`], 'differs in case only'],
    [[`${HOME}/a`, `${HOME}/A/b.ts`], 'one of its folders is a file'],
  ])('refuses %j', (paths, problem) => {
    expect(pathsProblem(ID, paths)).toContain(problem);
  });

  test('refuses an id that would take the place of installed packages', () => {
    const id = parseSkillId('node_modules/zod');
    expect(pathsProblem(id, ['implementations/node_modules/zod.js'])).toContain('no folder node_modules');
  });
});
