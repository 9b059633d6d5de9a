import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
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

describe('audit verify', () => {
  const KEY = { env: { SKILLOS_SERVER_KEY: 'k'.repeat(32) } };
  const keyed = (...argv: readonly string[]) => skillos([...argv, '--root', root], KEY);
  const file = () => join(root, 'logs', 'audit', 'default.jsonl');

  beforeEach(async () => {
    for (const id of ['a/b', 'a/c', 'a/d']) expect((await keyed('add-skill', id)).code).toBe(0);
  });

  test('proves a log that nobody touched', async () => {
    expect(await keyed('audit', 'verify')).toMatchObject({
      code: 0,
      stdout: 'audit_verified: 3 of 3 entries proven, 0 faults\n',
    });
  });

  test('finds an edited and a removed entry, and a cut tail by a head that was kept', async () => {
    const head = join(tempFolder(), 'head.json');
    writeFileSync(head, (await keyed('audit', 'verify', '--json')).stdout);
    const lines = readFileSync(file(), 'utf8').trimEnd().split('\n');
    const log = (kept: readonly string[]) => writeFileSync(file(), `${kept.join('\n')}\n`);

    log(lines.map((line) => line.replace('a/c', 'a/x')));
    const edited = await keyed('audit', 'verify');
    expect(edited.code).toBe(1);
    expect(edited.stdout).toMatch(
      /^audit_broken: 2 of 3 entries proven, 1 faults\n {2}edited: entry "\w+" \(1 of writer \w+\) was changed/,
    );

    log(lines.slice(1));
    expect((await keyed('audit', 'verify')).stdout).toMatch(/\n {2}missing: entry 1 of writer \w+\n/);

    log(lines.slice(0, 2));
    expect((await keyed('audit', 'verify')).code).toBe(0);
    const cut = await keyed('audit', 'verify', '--head', head);
    expect(cut).toMatchObject({ code: 1, stdout: expect.stringContaining('missing: entry 1 of writer') });
    log(lines);
    expect((await keyed('audit', 'verify', '--head', head)).code).toBe(0);
  });

  test('proves nothing with another key, and says so', async () => {
    const other = await skillos(['audit', 'verify', '--root', root], {
      env: { SKILLOS_SERVER_KEY: 'z'.repeat(32) },
    });
    expect(other).toMatchObject({ code: 1, stdout: 'audit_unproven: 0 of 3 entries proven, 0 faults\n' });
    expect(other.stderr).toContain('3 entries have no signature of this key');
  });

  test('needs a key where a server is configured', async () => {
    const none = await skillos(['audit', 'verify', '--root', root], {
      env: { TEMPORAL_ADDRESS: '127.0.0.1:1' },
    });
    expect(none).toMatchObject({ code: 78, stdout: '' });
    expect(none.stderr).toContain('cannot be verified without SKILLOS_SERVER_KEY');
  });

  test.each([
    ['no file', undefined, 'does not exist'],
    ['no JSON', 'x', 'is not the JSON output of skillos audit verify'],
    ['another document', '{"schema":"skillos.audit/v1"}', 'is not the JSON output of skillos audit verify'],
    [
      'another tenant',
      '{"schema":"skillos.audit-verification/v1","tenant":"t","heads":[]}',
      'belongs to tenant "t", and this log to "default"',
    ],
  ])('refuses a head file with %s', async (_, text, message) => {
    const head = join(tempFolder(), 'head.json');
    if (text !== undefined) writeFileSync(head, text);
    const { code, stderr } = await keyed('audit', 'verify', '--head', head);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
