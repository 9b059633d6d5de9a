import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFileJournal } from '../../adapters/storage/files/file-journal.ts';
import { appendAudit, UNKNOWN_ACTOR } from '../../core/telemetry/audit.ts';
import { skillos } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { writeFiles } from '../support/write-files.ts';

const POLICIES = JSON.stringify({
  roles: { author: ['skills:write'], auditor: ['audit:read'] },
});

let root: string;
const cli = (...argv: readonly string[]) => skillos([...argv, '--root', root]);

async function itemsOf(...argv: readonly string[]) {
  const { stdout } = await cli('audit', 'list', '--json', ...argv);
  return (JSON.parse(stdout) as { readonly items: readonly object[] }).items;
}

beforeEach(() => {
  root = tempFolder();
  writeFiles(root, {});
});

test('changes of skills are listed: who, when, which way, before and after', async () => {
  await cli('add-skill', 'a/b');
  await cli('deprecate-skill', 'a/b', '--reason', 'old');
  await cli('undeprecate-skill', 'a/b');
  expect(await itemsOf()).toMatchObject([
    {
      action: 'skill_undeprecated',
      skill: 'a/b',
      before: { deprecated: true, deprecation_reason: 'old' },
      after: { deprecated: false },
    },
    { action: 'skill_deprecated', before: { deprecated: false }, after: { deprecation_reason: 'old' } },
    {
      action: 'skill_added',
      id: expect.stringMatching(/^[0-9A-Z]{26}$/),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      tenant: 'default',
      actor: { via: 'local', roles: [] },
      way: 'cli',
      after: { manifest: 'metadata/a/b.yaml' },
    },
  ]);
  const { stdout } = await cli('audit', 'list', '--action', 'skill_added');
  expect(stdout).toMatch(/^AT +ACTION +BY +WAY +ABOUT +WHY\n\S+Z +skill_added +\S+ +cli +a\/b\n$/);
});

test('what was refused is on record too, and reading needs its own permission', async () => {
  writeFiles(root, { 'policies/permission_policies.json': POLICIES });
  expect((await cli('add-skill', 'a/b', '--role', 'auditor')).code).toBe(3);
  expect(await cli('audit', 'list', '--role', 'author')).toMatchObject({ code: 3, stdout: '' });
  expect(await itemsOf('--role', 'auditor')).toMatchObject([
    {
      action: 'operation_denied',
      skill: 'a/b',
      actor: { roles: ['auditor'] },
      reason: 'permission_denied',
      after: { operation: 'skills:write' },
    },
  ]);
});

test('filters are checked before anything is read', async () => {
  expect(await cli('audit', 'list', '--action', 'skill_add')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Did you mean: skill_added'),
  });
  for (const argv of [
    ['--limit', '0'],
    ['--limit', '1001'],
    ['--since', 'soon'],
    ['--run', 'x'],
    ['--skill', 'x'],
  ]) {
    expect(await cli('audit', 'list', ...argv)).toMatchObject({ code: 2, stdout: '' });
  }
  expect(await cli('audit', 'list', '--since', '1h')).toMatchObject({ code: 0, stdout: 'no_entries\n' });
});

test('a damaged line hides no other, and a log is only ever appended to', async () => {
  await cli('add-skill', 'a/b');
  const file = join(root, 'logs', 'audit', 'default.jsonl');
  const before = readFileSync(file, 'utf8');
  appendFileSync(file, 'vandalism\n\t{"id":"foreign"}\n');
  await cli('add-skill', 'c/d');
  const { code, stdout, stderr } = await cli('audit', 'list');
  expect([code, stdout.split('\n').length, stderr]).toEqual([
    0,
    4,
    'warning: 2 lines of the audit log are not valid entries\n',
  ]);
  expect(readFileSync(file, 'utf8').startsWith(before)).toBe(true);
});

test('a comment obeys no terminal', async () => {
  await appendAudit(openFileJournal(join(root, 'logs')), {
    id: 'x',
    at: '2026-01-02T03:04:05.000Z',
    tenant: 'default',
    actor: UNKNOWN_ACTOR,
    action: 'approval_denied',
    way: 'signal',
    comment: 'no\u001b[2J\nand a line',
  });
  const { stdout } = await cli('audit', 'list');
  expect(stdout).toContain(String.raw`"no\u001b[2J\nand a line"`);
  expect(stdout.split('\n')).toHaveLength(3);
});
