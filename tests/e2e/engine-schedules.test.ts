/** Schedules of a local engine that is killed, and of one that is stopped and loses its database. */
import { rmSync } from 'node:fs';
import { aRights } from '../support/builders.ts';
import { listRuns } from '../../client/runs/run-records.ts';
import { builtEngine } from '../support/built-engine.ts';
import type { BuiltEngine } from '../support/built-engine.ts';
import { eventually } from '../support/eventually.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';
import { skillos } from '../support/skillos-process.ts';

let engine: BuiltEngine;

beforeAll(() => {
  engine = builtEngine({ 'test/echo': { code: 'export const run = (text: string) => text;' } });
});

afterAll(() => engine.stop());

/** Resolves when the schedule has fired after now, and its run has succeeded. */
async function expectFirings(): Promise<void> {
  const now = Date.now();
  await eventually(async () => {
    const { items } = await listRuns(engine.ports, { rights: aRights(), schedule: 'beat', limit: 100 });
    const later = items.filter(({ createdAt }) => Date.parse(createdAt) > now);
    expect(later.map(({ status }) => status)).toContain('success');
  });
}

const start = () => engine.json('run-skill', 'test/echo', '--payload', 'hello');

test(
  'fire again when the engine is back',
  async () => {
    await engine.json('schedule', 'add', 'test/echo', '--every', '1s', '--id', 'beat');
    await expectFirings();

    const { pids } = await engine.json('dev', 'status');
    for (const pid of Object.values(pids ?? {})) process.kill(pid, 'SIGKILL');
    await start();
    await expectFirings();

    await skillos(['dev', 'stop'], { env: engine.env });
    rmSync(engine.files.database);
    await start();
    await expectFirings();
  },
  PROCESSES_TIMEOUT_MS,
);
