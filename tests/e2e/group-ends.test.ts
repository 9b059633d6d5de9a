/** A plan that ends in a group: the member that finishes last settles the run, where all of them ran in one worker. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerPorts } from '../../activities/ports.ts';
import { findRun } from '../../client/runs/run-records.ts';
import { startRun } from '../../client/submit/start-run.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { LIMITS_KIND } from '../../core/limits/limits.ts';
import type { Limits } from '../../core/limits/limits.ts';
import { parseSteps } from '../../core/plans/plan-steps.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';

const noting = (name: string, afterMs: number): string => `
import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
export async function run(folder: string) {
  await setTimeout(${afterMs}); // so that the members finish in this order
  appendFileSync(folder + '/notes', '${name}\\n');
  return '${name}';
}`;
const READ = 'side_effects: read\nretry: { max_attempts: 2, initial: 3s }\n';

type Trouble = 'elsewhere' | 'lost';

let deployment: Deployment;
/** What happens to the first member of the next group, once. */
let trouble: Trouble | undefined;

beforeAll(async () => {
  const root = rootWith({
    'test/folder': { code: 'export const run = (folder: string) => folder;' },
    'test/one': { code: noting('one', 0), manifest: READ },
    'test/two': { code: noting('two', 500), manifest: READ },
  });
  deployment = await openDeployment(root);
  await deployment.startWorkerWith(troubling);
});

afterAll(() => deployment.close());

/** `elsewhere`: another worker runs the member. `lost`: its worker is lost before the server hears of its success. */
function troubling(ports: WorkerPorts): WorkerPorts {
  return {
    ...ports,
    groupOutputs: (member) => {
      const now = member.number === member.numbers[0] ? trouble : undefined;
      if (now === undefined) return ports.groupOutputs(member);
      trouble = undefined;
      if (now === 'elsewhere') return undefined;
      ports.groupOutputs(member);
      throw new SkillosError('skill_crashed', 'lost');
    },
  };
}

async function runSteps(tenant: string, steps: readonly string[]) {
  const { ports, temporal, root } = deployment;
  const { runId } = await startRun(ports, temporal, {
    plan: parseSteps(steps),
    payload: root,
    principal: { subject: 'tester', roles: [], via: 'local' },
    tenant,
  });
  const handle = temporal.client.workflow.getHandle(runId);
  const outcome = await handle.result();
  const { events } = await handle.fetchHistory();
  const markers = events?.filter((event) => event.markerRecordedEventAttributes).length;
  await eventually(async () => {
    const limits = await ports.records.get<Limits>(LIMITS_KIND, tenant);
    expect(limits?.reservations).toEqual({});
  });
  const { spent } = (await ports.records.get<Limits>(LIMITS_KIND, tenant)) as Limits;
  return { outcome, markers, spent: Object.values(spent)[0], record: await findRun(ports, runId) };
}

const PARTS = { parts: [{ value: 'one' }, { value: 'two' }] };

test('the run has no activity for settling, and pays for every step once', async () => {
  const { outcome, markers, spent, record } = await runSteps('whole', ['test/folder', 'test/one|test/two']);
  expect(outcome).toMatchObject({ status: 'success', output: PARTS });
  expect(record).toMatchObject({ status: 'success', output: PARTS });
  expect(record.succeeded?.toSorted()).toEqual([1, 2, 3]);
  expect([markers, spent]).toEqual([1, 30_000]);
});

test('members that finish in several workers are settled by the workflow', async () => {
  trouble = 'elsewhere';
  const { markers, spent, record } = await runSteps('several', ['test/one|test/two']);
  expect(record).toMatchObject({ status: 'success', output: PARTS });
  expect([markers, spent]).toEqual([2, 20_000]);
});

test('a member that is lost after the run was settled tells what it put out, and does not run again', async () => {
  const notes = () => readFileSync(join(deployment.root, 'notes'), 'utf8').split('\n').length;
  const before = notes();
  trouble = 'lost';
  const { outcome, spent, record } = await runSteps('lost', ['test/one|test/two']);
  expect(outcome).toMatchObject({ status: 'success', output: PARTS });
  expect(record).toMatchObject({ status: 'success', output: PARTS });
  expect([notes() - before, spent]).toEqual([2, 20_000]);
});
