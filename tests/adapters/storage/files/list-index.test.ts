import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { openFileRecords } from '../../../../adapters/storage/files/file-records.ts';
import type { JsonObject } from '../../../../core/json.ts';
import type { Records } from '../../../../core/storage/records.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const KEYS = ['a', 'a-b', 'a.b', 'b', 'c'];
const STATUSES = ['success', 'error', 'running', 'paused'];
const SKILLS = ['test/echo', 'test/ädd'];

const document = (status: string, skill: string): JsonObject => ({
  status,
  skill,
  ...(['success', 'error'].includes(status) ? { endedAt: 'now' } : {}),
});

/** All that the lists show, by reading every document and by the index. */
async function bothWays(records: Records, dir: string) {
  const byReading = await openFileRecords(dir).list('runs');
  const expected: Record<string, string[]> = {};
  const found: Record<string, string[]> = {};
  for (const status of STATUSES) {
    for (const skill of SKILLS) {
      const where = { status: [status], skill: [skill] };
      const name = `${status} ${skill}`;
      expected[name] = byReading
        .filter(({ value }) => value['status'] === status && value['skill'] === skill)
        .map(({ key }) => key);
      found[name] = (await records.list('runs', { where })).map(({ key }) => key);
    }
  }
  return { expected, found };
}

const key = fc.constantFrom(...KEYS);
const NAME = 'runs-tenant-status-skill-subject-queue-schedule';
const FILES = [`${NAME}.log`, `${NAME}.snapshot`];

const change = fc.record({
  kind: fc.constant('change' as const),
  key,
  status: fc.constantFrom(...STATUSES),
  skill: fc.constantFrom(...SKILLS),
  /** The lines of the change are lost, as with a process that was killed or in a power failure. */
  dies: fc.boolean(),
});
type Damage = 'lose' | 'keep' | 'restore' | 'cut' | 'spoil' | 'append';

const damage = fc.record({
  kind: fc.constantFrom<Damage>('lose', 'keep', 'restore', 'cut', 'spoil', 'append'),
  file: fc.constantFrom(...FILES),
  at: fc.nat(2000),
});
const act = fc.oneof(
  { weight: 6, arbitrary: change },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom<'copy' | 'unlink'>('copy', 'unlink'), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('list' as const) }) },
  { weight: 3, arbitrary: damage },
);

/** Two changes of a folder have one time on kernels before 6.13 if they are closer than this. */
const TICK_MS = 12;

function damaged(file: string, kind: string, at: number): void {
  const copy = `${file}.copy`;
  if (kind === 'append') appendFileSync(file, '\na\tsettled\t"x"\t"success"');
  if (!existsSync(file)) return;
  const bytes = readFileSync(file);
  const place = at % (bytes.length + 1);
  if (kind === 'lose') rmSync(file);
  if (kind === 'cut') truncateSync(file, place);
  if (kind === 'keep') copyFileSync(file, copy);
  if (kind === 'restore' && existsSync(copy)) copyFileSync(copy, file);
  if (kind === 'spoil' && bytes.length > 0) {
    bytes[place % bytes.length] = 'x'.charCodeAt(0);
    writeFileSync(file, bytes);
  }
}

/** Runs `work` and then takes back what it appended to the log. */
async function losingLines(log: string, work: () => Promise<unknown>): Promise<void> {
  const before = existsSync(log) ? readFileSync(log) : undefined;
  await sleep(TICK_MS);
  await work();
  await sleep(TICK_MS);
  if (before === undefined) rmSync(log, { force: true });
  else writeFileSync(log, before);
}

/** Changes the folder as another program would. */
async function changeByHand(dir: string, kind: 'copy' | 'unlink', name: string): Promise<void> {
  const file = path.join(dir, 'runs', `${name}.json`);
  await sleep(TICK_MS);
  if (kind === 'unlink') rmSync(file, { force: true });
  else if (!existsSync(file)) writeFileSync(file, JSON.stringify(document('error', 'test/echo')));
  await sleep(TICK_MS);
}

describe('lists by index', () => {
  test('show what reading every document shows, after any changes, kills and damage', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 30 }), async (acts) => {
        const dir = tempFolder();
        const indexFile = (name: string) => path.join(dir, '.index', name);
        const records = openFileRecords(dir);
        await records.update<JsonObject>('runs', 'a', () => document('success', 'test/echo'));
        for (const each of acts) {
          if (each.kind === 'change') {
            const { key: changed, status, skill, dies } = each as { key: string } & typeof each;
            const write = () => records.update<JsonObject>('runs', changed, () => document(status, skill));
            await (dies ? losingLines(indexFile(`${NAME}.log`), write) : write());
          } else if (each.kind === 'remove') {
            await records.update('runs', each.key, () => undefined);
          } else if (each.kind === 'copy' || each.kind === 'unlink') {
            await changeByHand(dir, each.kind, each.key);
            await bothWays(records, dir); // a run is not made again under the id of one that was removed by hand
          } else if (each.kind === 'list') {
            const { expected, found } = await bothWays(records, dir);
            expect(found).toEqual(expected);
          } else if ('file' in each) {
            damaged(indexFile(each.file), each.kind, each.at);
          }
        }
        const { expected, found } = await bothWays(records, dir);
        expect(found).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test('makes an index for documents that were put into the folder', async () => {
    const dir = tempFolder();
    mkdirSync(path.join(dir, 'runs'));
    for (const [name, status] of [
      ['a', 'success'],
      ['b', 'error'],
    ] as const) {
      writeFileSync(path.join(dir, 'runs', `${name}.json`), JSON.stringify(document(status, 'test/echo')));
    }
    const where = { status: ['error'] };
    await expect(openFileRecords(dir).list('runs', { where })).resolves.toHaveLength(1);
    writeFileSync(path.join(dir, 'runs', 'a.json'), 'broken');
    await expect(openFileRecords(dir).list('runs', { where })).resolves.toHaveLength(1);
    expect(readdirSync(path.join(dir, '.index'))).toEqual([`${NAME}.snapshot`]);
  });

  test('reads no document that does not match', async () => {
    const dir = tempFolder();
    const records = openFileRecords(dir);
    await records.update<JsonObject>('runs', 'a', () => document('success', 'test/echo'));
    await records.update<JsonObject>('runs', 'b', () => document('error', 'test/echo'));
    await records.update<JsonObject>('runs', 'c', () => document('running', 'test/echo'));
    await records.list('runs', { where: { status: ['error'] } });
    const file = path.join(dir, 'runs', 'a.json');
    writeFileSync(file, 'broken');
    await expect(records.list('runs', { where: { status: ['error'] } })).resolves.toHaveLength(1);
    await expect(records.list('runs', { where: { status: ['success'] } })).rejects.toMatchObject({
      code: 'state_corrupt',
    });
  });

  test.each(['log', 'snapshot'])('lists though the %s can be neither read nor written', async (file) => {
    const dir = tempFolder();
    mkdirSync(path.join(dir, '.index', `${NAME}.${file}`), { recursive: true });
    const records = openFileRecords(dir);
    await records.update<JsonObject>('runs', 'a', () => document('success', 'test/echo'));
    await expect(records.list('runs', { where: { status: ['success'] } })).resolves.toHaveLength(1);
    await records.update<JsonObject>('runs', 'b', () => document('success', 'test/echo'));
    await expect(records.list('runs', { where: { status: ['success'] } })).resolves.toHaveLength(2);
  });

  test('keep the log short', async () => {
    const dir = tempFolder();
    const log = path.join(dir, '.index', `${NAME}.log`);
    const records = openFileRecords(dir);
    await records.update<JsonObject>('runs', 'a', () => document('success', 'test/echo'));
    await records.list('runs', { where: { status: ['success'] } });
    await records.update<JsonObject>('runs', 'b', () => document('success', 'test/echo'));
    writeFileSync(log, readFileSync(log, 'utf8').repeat(3000));
    await expect(records.list('runs', { where: { status: ['success'] } })).resolves.toHaveLength(2);
    expect(existsSync(log)).toBe(false);
  });

  test('pages in both directions show each document once', async () => {
    const dir = tempFolder();
    const records = openFileRecords(dir);
    const where = { status: ['success'] };
    const keys = Array.from({ length: 9 }, (_, n) => `k${n}`);
    for (const each of keys.slice(0, 5)) {
      await records.update<JsonObject>('runs', each, () => document('success', 'test/echo'));
    }
    await records.list('runs', { where });
    for (const each of keys.slice(5)) {
      await records.update<JsonObject>('runs', each, () => document('success', 'test/echo'));
    }
    for (const descending of [false, true]) {
      const found: string[] = [];
      for (let after: string | undefined; ; after = found.at(-1)) {
        const page = { where, descending, limit: 2, ...(after === undefined ? {} : { after }) };
        const next = await records.list('runs', page);
        if (next.length === 0) break;
        found.push(...next.map(({ key: shown }) => shown));
      }
      expect(found).toEqual(descending ? keys.toReversed() : keys);
    }
  });

  test('know the documents that several processes write while others list them', async () => {
    const dir = tempFolder();
    const [writer, other, reader] = [openFileRecords(dir), openFileRecords(dir), openFileRecords(dir)];
    const where = { status: ['success'] };
    const write = (records: Records, name: string) =>
      records.update<JsonObject>('runs', name, () => document('success', 'test/echo'));
    for (let n = 0; n < 40; n++) {
      const writes = [write(writer, `w${n}`), write(other, `o${n}`)];
      await reader.list('runs', { where });
      await Promise.all(writes);
      await expect(reader.list('runs', { where, limit: 100 })).resolves.toHaveLength(2 * n + 2);
    }
  });
});
