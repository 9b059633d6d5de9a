/** Runs that wait for people cost little: a thousand of them leave a worker well below half a gigabyte. */
import { readFileSync } from 'node:fs';
import { findRun } from '../../client/runs/run-records.ts';
import { checkStartRequest, startRun } from '../../client/submit/start-run.ts';
import { listPending } from '../../client/approvals/approvals.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { aRights } from '../support/builders.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { skillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';

const RUNS = 1000;
const IN_FLIGHT = 25;
const MAX_MIB = 512;

const SKILLS = {
  'test/clean': { code: "export const run = () => 'clean';", manifest: 'side_effects: destructive\n' },
};

let deployment: Deployment;
let worker: SkillosProcess;

beforeAll(async () => {
  deployment = await openDeployment(rootWith(SKILLS));
  worker = await startWorkerProcess(deployment.env);
});

afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
  await deployment.close();
});

test('a thousand parked runs fit into one worker, and any of them can be decided', async () => {
  const { ports, temporal } = deployment;
  const ask = {
    plan: { kind: 'step', step: { skill: parseSkillId('test/clean') } },
    payload: 'x',
    principal: { subject: 'ann', roles: [], via: 'local' },
    tenant: 'default',
  } as const;
  await checkStartRequest(ports, ask);
  const ids: string[] = [];
  const lane = async (): Promise<void> => {
    while (ids.length < RUNS) {
      const at = ids.push('') - 1;
      ids[at] = (await startRun(ports, temporal, ask)).runId;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  for (const id of ids) {
    await eventually(async () => expect((await findRun(ports, id)).status).toBe('awaiting_approval'));
  }
  expect((await listPending(ports, aRights(), { limit: RUNS })).items).toHaveLength(RUNS);
  expect(residentMib(worker.pid)).toBeLessThan(MAX_MIB);
  const first = ids[0] as string;
  expect(await skillos(['approve', first], { env: deployment.env })).toMatchObject({
    code: 0,
    stdout: `approved: ${first}\n`,
  });
  expect(await temporal.client.workflow.getHandle(first).result()).toMatchObject({ status: 'success' });
}, 240_000);

function residentMib(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}
