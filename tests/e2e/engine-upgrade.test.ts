/** Runs and schedules from before a deployment had a server key. */
import { intlZones } from '../../adapters/machine/zones.ts';
import { addSchedule } from '../../client/schedules/add.ts';
import { findRun } from '../../client/runs/run-records.ts';
import { scheduleRecords } from '../../core/schedules/schedule-records.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import type { RunStatus } from '../../core/runs/run.ts';
import { aRights } from '../support/builders.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';
import { skillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';

const ECHO = 'export const run = (payload: unknown) => payload;';
const ACTOR = {
  rights: aRights({ principal: { subject: 'ann', roles: [], via: 'local' } }),
  way: 'cli',
} as const;
const SCHEDULE = { tenant: 'default', id: 'from-before' };

describe('a server key that appears while runs are in flight', () => {
  let deployment: Deployment;
  let worker: SkillosProcess;
  let keyed: Record<string, string>;
  let parked: string;
  let paused: string;

  beforeAll(async () => {
    deployment = await openDeployment(
      rootWith({
        'admin/delete_records': { code: ECHO, manifest: 'side_effects: destructive\n' },
        'text/echo': { code: ECHO },
      }),
    );
    const { env, ports } = deployment;
    keyed = { ...env, SKILLOS_SERVER_KEY: 'a server key of at least thirty-two bytes' };
    const older = await startWorkerProcess(env);
    parked = await start('run-skill', 'admin/delete_records', '--payload', 'r-1', '--detach');
    paused = await start('run-skill', 'text/echo', '--payload', 'p', '--step-through');
    await addSchedule({ ...ports, zones: intlZones }, ACTOR, {
      ...SCHEDULE,
      request: { cron: ['0 0 1 1 *'] },
      skill: parseSkillId('text/echo'),
      payload: 's',
      zone: 'UTC',
    });
    older.signal('SIGTERM');
    await older.ended;
    worker = await startWorkerProcess(keyed);
  }, PROCESSES_TIMEOUT_MS);

  afterAll(async () => {
    worker.signal('SIGTERM');
    await worker.ended;
    await deployment.close();
  });

  async function start(...argv: readonly string[]): Promise<string> {
    const { stdout } = await skillos([...argv, '--json'], { env: deployment.env });
    return (JSON.parse(stdout) as { readonly run_id: string }).run_id;
  }

  const expectEnd = (runId: string, status: RunStatus) =>
    eventually(async () => expect((await findRun(deployment.ports, runId)).status).toBe(status));

  test('ends a parked run with a reason once it is approved, and lets it be repeated', async () => {
    await skillos(['approve', parked], { env: keyed });
    await expectEnd(parked, 'error');
    expect((await findRun(deployment.ports, parked)).error).toEqual({
      code: 'work_refused',
      message:
        'The run was prepared by a worker without a server key, and this worker has one; repeat it: skillos runs rerun ' +
        parked,
    });
    const again = await skillos(['runs', 'rerun', parked, '--approval', 'approved', '--json'], {
      env: keyed,
    });
    expect([again.code, JSON.parse(again.stdout)]).toMatchObject([0, { status: 'success' }]);
  });

  test('ends a paused run with the same reason once it continues', async () => {
    await skillos(['debug', paused, 'next'], { env: keyed });
    await expectEnd(paused, 'error');
    expect((await findRun(deployment.ports, paused)).error).toMatchObject({ code: 'work_refused' });
  });

  test('signs a schedule, whose runs then start', async () => {
    const records = scheduleRecords(deployment.ports.records);
    await eventually(async () => expect((await records.get(SCHEDULE))?.request.signature).toBeDefined());
    const { code, stdout } = await skillos(['schedule', 'trigger', SCHEDULE.id, '--json'], { env: keyed });
    expect(code).toBe(0);
    await expectEnd((JSON.parse(stdout) as { readonly run_id: string }).run_id, 'success');
  });
});
