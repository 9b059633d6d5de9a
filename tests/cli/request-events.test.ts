import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { skillos } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { aManifest, writeFiles } from '../support/write-files.ts';

function aRoot(): string {
  const root = tempFolder();
  writeFiles(root, {
    'metadata/travel/find_trains.yaml': aManifest(
      'travel/find_trains',
      'examples: [Find trains to Berlin]\n',
    ),
  });
  return root;
}

const linesOf = (root: string) =>
  readFileSync(join(root, 'logs', 'execution.log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);

const env = { SKILLOS_CACHE_DIR: tempFolder(), SKILLOS_TENANT_ID: 'acme' };

test('a routed query leaves its lines in order, under one request id, and never its words', async () => {
  const root = aRoot();
  expect((await skillos(['run', 'Find trains to Sochi', '--root', root], { env })).code).toBe(0);
  const lines = linesOf(root);
  expect(lines).toMatchObject([
    { event: 'request_received', query_length: 20, token_count: 4, tenant: 'acme', level: 'info' },
    { event: 'routing_candidates', candidates: [{ skill_id: 'travel/find_trains' }] },
    { event: 'routing_decision', skill_id: 'travel/find_trains', status: 'routed' },
    { event: 'skill_selected', skill_id: 'travel/find_trains' },
  ]);
  expect(new Set(lines.map(({ request_id: id }) => id)).size).toBe(1);
  expect(lines[0]?.['request_id']).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  expect(JSON.stringify(lines)).not.toMatch(/sochi/i);
});

test('a full disk is said on stderr and changes no answer', async () => {
  const root = aRoot();
  mkdirSync(join(root, 'logs'));
  symlinkSync('/dev/full', join(root, 'logs', 'execution.log'));
  expect(await skillos(['run', 'Find trains to Sochi', '--root', root], { env })).toMatchObject({
    code: 0,
    stdout: 'travel/find_trains\n',
    stderr: expect.stringContaining('Cannot write the event log: no space left on device (ENOSPC)'),
  });
});

test('a root that is not there is not made', async () => {
  const root = join(tempFolder(), 'none');
  expect(await skillos(['run', 'Find trains', '--root', root], { env })).toMatchObject({ code: 2 });
  expect(existsSync(root)).toBe(false);
});
