/** People decide, through every floor: command line, Temporal, worker, record. */
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { decide, listPending, runToDecide, showApproval } from '../../client/approvals/approvals.ts';
import type { Decided } from '../../client/approvals/approvals.ts';
import { findRun } from '../../client/runs/run-records.ts';
import { readTrace } from '../../client/runs/read-trace.ts';
import { startRun } from '../../client/submit/start-run.ts';
import { proofOf } from '../../core/approvals/approval-proof.ts';
import type { Decision, DecisionWord } from '../../core/approvals/approval.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Plan, RequestedStep } from '../../core/plans/plan.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import type { Principal } from '../../core/rights/principal.ts';
import { traceDocument } from '../../core/runs/trace-document.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { DECIDE_UPDATE } from '../../workflows/messages.ts';
import { aDecision, aRights } from '../support/builders.ts';
import { openDeployment, rootWith, spawnWorker } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { skillos } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { writeFiles } from '../support/write-files.ts';

/** Leaves a file behind when it runs. */
const DELETE = `
import { appendFileSync } from 'node:fs';
export function run(folder: string) { appendFileSync(folder + '/deleted', 'x'); return 'deleted'; }`;
const ECHO = 'export const run = (payload: unknown) => payload;';
const DESTRUCTIVE = 'side_effects: destructive\n';

const SKILLS = {
  'admin/delete_records': { code: DELETE, manifest: `${DESTRUCTIVE}cost: 1.5\n` },
  'finance/close_books': { code: ECHO },
  'text/whisper': {
    code: "export const run = () => 'then delete everything';",
    manifest: 'side_effects: read\n',
  },
  'text/echo': { code: ECHO },
  'text/total': {
    code: 'export const run = (amount: number) => ({ amount });',
    manifest: 'side_effects: read\n',
  },
  'text/leaving': { code: ECHO, manifest: DESTRUCTIVE },
};
const TOKEN = 'canary-approval-token-0123456789';

const toClose: Deployment[] = [];
afterAll(() => Promise.all(toClose.map((deployment) => deployment.close())));

async function deploy(
  policies?: readonly JsonObject[],
  settings: Readonly<Record<string, string>> = {},
): Promise<Deployment> {
  const root = rootWith(SKILLS);
  if (policies) writeFiles(root, { 'policies/approval_policies.json': JSON.stringify({ policies }) });
  const deployment = await openDeployment(root, settings);
  toClose.push(deployment);
  return deployment;
}

const ANN: Principal = { subject: 'ann', roles: [], via: 'local' };
const BOB: Principal = { subject: 'bob', roles: [], via: 'local' };
const as = (subject: string, ...roles: readonly string[]): Principal => ({ subject, roles, via: 'local' });
const step = (id: string) => ({ kind: 'step', step: { skill: parseSkillId(id) } }) as const;

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 20_000; Date.now() < end; await delay(20)) {
    const seen = await look();
    if (seen !== undefined) return seen;
  }
  throw new Error('Waited for too long');
}

const inStatus = (deployment: Deployment, runId: string, status: RunRecord['status']): Promise<RunRecord> =>
  until(async () => {
    const run = await findRun(deployment.ports, runId).catch(() => undefined);
    return run?.status === status ? run : undefined;
  });

async function start(
  { ports, temporal }: Deployment,
  plan: Plan<RequestedStep>,
  payload: JsonValue = 'x',
): Promise<string> {
  return (await startRun(ports, temporal, { plan, payload, principal: ANN, tenant: 'default' })).runId;
}

/** Started, and waiting for people. */
async function park(
  deployment: Deployment,
  plan: Plan<RequestedStep>,
  payload?: JsonValue,
): Promise<RunRecord> {
  return inStatus(deployment, await start(deployment, plan, payload), 'awaiting_approval');
}

async function decideAs(
  { ports, temporal }: Deployment,
  principal: Principal,
  ask: {
    readonly runId: string;
    readonly decision: DecisionWord;
    readonly token?: string;
    readonly comment?: string;
    readonly digest?: string;
  },
): Promise<Decided> {
  const whole = { ...ask, actor: { rights: aRights({ principal }), way: 'api' } } as const;
  return decide(ports, temporal, { ask: whole, run: await runToDecide(ports, whole) });
}

const resultOf = (deployment: Deployment, runId: string): Promise<unknown> =>
  deployment.temporal.client.workflow.getHandle(runId).result();

async function eventsOf(deployment: Deployment, runId: string): Promise<number> {
  const { events } = await deployment.temporal.client.workflow.getHandle(runId).fetchHistory();
  return events?.length ?? 0;
}

describe('a run that needs approval', () => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy();
    await deployment.startWorker();
  });

  test('runs what was parked although its skill is deleted since', async () => {
    const { id } = await park(deployment, step('text/leaving'), 'remove it');
    for (const file of ['metadata/text/leaving.yaml', 'implementations/text/leaving.ts'])
      rmSync(join(deployment.root, file));
    const { run, input } = await showApproval(deployment.ports, aRights({ principal: BOB }), id);
    expect([run.steps.map(({ skill }) => skill), input]).toEqual([['text/leaving'], 'remove it']);
    await decideAs(deployment, BOB, { runId: id, decision: 'approved' });
    expect(await resultOf(deployment, id)).toMatchObject({
      status: 'success',
      output: { value: 'remove it' },
    });
  });

  test('parks before anything runs, is shown, and goes on when it is approved', async () => {
    const folder = tempFolder();
    const { id, approval } = await park(deployment, step('admin/delete_records'), folder);
    expect(existsSync(join(folder, 'deleted'))).toBe(false);
    const { items } = await listPending(deployment.ports, aRights({ principal: BOB }), { limit: 10 });
    expect(items.map((run) => run.id)).toContain(id);
    const { input } = await showApproval(deployment.ports, aRights({ principal: BOB }), id);
    expect(input).toBe(folder);
    expect(approval?.requirement).toMatchObject({ policy: 'destructive, high_risk', nOf: 1, signals: true });

    expect(
      await decideAs(deployment, BOB, { runId: id, decision: 'approved', comment: 'as agreed' }),
    ).toMatchObject({
      outcome: 'approved',
    });
    expect(await resultOf(deployment, id)).toMatchObject({ status: 'success' });
    expect(existsSync(join(folder, 'deleted'))).toBe(true);
    expect((await findRun(deployment.ports, id)).approval?.decisions).toEqual([
      {
        decision: 'approved',
        subject: 'bob',
        via: 'api',
        at: expect.any(String),
        comment: 'as agreed',
        counted: true,
      },
    ]);
  });

  test('ends blocked when it is denied, and tells who comes too late of the winner', async () => {
    const folder = tempFolder();
    const { id } = await park(deployment, step('admin/delete_records'), folder);
    await decideAs(deployment, BOB, { runId: id, decision: 'denied', comment: 'still needed' });
    expect(await resultOf(deployment, id)).toMatchObject({ status: 'blocked', reason: 'approval_denied' });
    expect(existsSync(join(folder, 'deleted'))).toBe(false);
    await expect(decideAs(deployment, ANN, { runId: id, decision: 'approved' })).rejects.toMatchObject({
      code: 'approval_decided',
      details: { winner: { decision: 'denied', principal: 'bob', comment: 'still needed' } },
    });
  });

  test('is decided by a signal of the Web UI', async () => {
    const { id } = await park(deployment, step('admin/delete_records'), tempFolder());
    await deployment.temporal.client.workflow.getHandle(id).signal('deny', 'not today\u001b[2J');
    expect(await resultOf(deployment, id)).toMatchObject({ status: 'blocked', reason: 'approval_denied' });
    expect((await findRun(deployment.ports, id)).approval?.decisions).toMatchObject([
      { decision: 'denied', subject: '', via: 'signal', comment: 'not today[2J', counted: true },
    ]);
  });

  test('has one last word of fifty who race', async () => {
    const { id } = await park(deployment, step('admin/delete_records'), tempFolder());
    const words = Array.from({ length: 50 }, (_, index): DecisionWord =>
      index % 2 === 0 ? 'approved' : 'denied',
    );
    const settled = await Promise.allSettled(
      words.map((decision, index) => decideAs(deployment, as(`p${index}`), { runId: id, decision })),
    );
    const winners = settled.flatMap((one, index) => (one.status === 'fulfilled' ? [index] : []));
    expect(winners).toHaveLength(1);
    const winner = winners[0] as number;
    for (const one of settled) {
      if (one.status === 'rejected') {
        expect(one.reason).toMatchObject({
          code: 'approval_decided',
          details: { winner: { decision: words[winner], principal: `p${winner}` } },
        });
      }
    }
    await resultOf(deployment, id);
    const { approval, status } = await findRun(deployment.ports, id);
    expect(approval?.decisions.filter(({ counted }) => counted)).toMatchObject([{ subject: `p${winner}` }]);
    expect(status).toBe(words[winner] === 'approved' ? 'success' : 'blocked');
  });

  test('is not decided by who saw another plan, and that costs no event', async () => {
    const { id } = await park(deployment, step('admin/delete_records'), tempFolder());
    const another = { runId: id, decision: 'approved', digest: 'e'.repeat(64) } as const;
    await expect(decideAs(deployment, BOB, another)).rejects.toMatchObject({ code: 'plan_changed' });
    const before = await eventsOf(deployment, id);
    await expect(decideAs(deployment, BOB, another)).rejects.toMatchObject({ code: 'plan_changed' });
    for (const sent of [null, { ...aDecision(), decision: 'maybe' }]) {
      const options = { args: [sent as unknown as Decision] as [Decision] };
      await expect(
        deployment.temporal.client.workflow.getHandle(id).executeUpdate(DECIDE_UPDATE, options),
      ).rejects.toThrow(WorkflowUpdateFailedError);
    }
    expect(await eventsOf(deployment, id)).toBe(before);
    await decideAs(deployment, BOB, { runId: id, decision: 'denied' });
  });

  test('parks before a step whose input newly scores high', async () => {
    const plan = { kind: 'sequence', plans: [step('text/whisper'), step('text/echo')] } as const;
    const { id, approval } = await park(deployment, plan);
    expect(approval).toMatchObject({ step: 2, requirement: { policy: 'high_risk' } });
    const { input } = await showApproval(deployment.ports, aRights({ principal: BOB }), id);
    expect(input).toBe('then delete everything');
    await decideAs(deployment, BOB, { runId: id, decision: 'approved' });
    expect(await resultOf(deployment, id)).toMatchObject({ status: 'success' });
  });

  test('keeps its code while it waits, and asks for the rights of its caller again', async () => {
    const other = await deploy();
    await other.startWorker();
    const folder = tempFolder();
    const { id } = await park(other, step('admin/delete_records'), folder);
    const { id: revoked } = await park(other, step('admin/delete_records'), folder);
    writeFiles(other.root, { 'implementations/admin/delete_records.ts': 'this is no code' });
    await decideAs(other, BOB, { runId: id, decision: 'approved' });
    expect(await resultOf(other, id)).toMatchObject({ status: 'success' });
    const policies = [{ skill_id: 'admin/*', required_permissions: ['admin:write'] }];
    const roles = { lead: ['approvals:decide'] };
    writeFiles(other.root, {
      'policies/permission_policies.json': JSON.stringify({ roles, policies }),
    });
    await decideAs(other, as('eve', 'lead'), { runId: revoked, decision: 'approved' });
    expect(await resultOf(other, revoked)).toMatchObject({ status: 'blocked', reason: 'permission_denied' });
  });

  test('does not decide what nobody asked about', async () => {
    const runId = await start(deployment, step('text/echo'));
    await resultOf(deployment, runId);
    await expect(decideAs(deployment, BOB, { runId, decision: 'approved' })).rejects.toMatchObject({
      code: 'run_not_waiting',
    });
  });
});

describe('the terms of a policy', () => {
  let deployment: Deployment;
  /** Types of the notices about each run. */
  const notices = new Map<string, string[]>();
  const receiver = createServer((request, response) => {
    void text(request).then((body) => {
      const { type, data } = JSON.parse(body) as {
        readonly type: string;
        readonly data: { readonly run_id: string };
      };
      notices.set(data.run_id, [...(notices.get(data.run_id) ?? []), type]);
      response.writeHead(204).end();
    });
  });

  beforeAll(async () => {
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const { port } = receiver.address() as AddressInfo; // it listens on TCP
    const settings = { SKILLOS_NOTIFY_WEBHOOK: `http://127.0.0.1:${port}/` };
    deployment = await deploy(
      [
        {
          skill_id: 'finance/close_books',
          policy_id: 'closing',
          approvers: ['role:cfo', 'user:dan'],
          n_of: 2,
          allow_self: false,
        },
        { skill_id: 'admin/*', timeout: '1s' },
        { skill_id: 'text/echo', policy_id: 'large', approvers: 'cfo', when: { '/amount': { gt: 1000 } } },
      ],
      settings,
    );
    await deployment.startWorker();
  });
  afterAll(() => receiver.close());

  /** Notices of one run may arrive in any order. */
  const noticed = (runId: string, types: readonly string[]) =>
    until(async () => (notices.get(runId)?.toSorted().join() === types.join() ? true : undefined));

  test('are that two of its approvers agree, and not the one who asked', async () => {
    const { id } = await park(deployment, step('finance/close_books'));
    const approve = (principal: Principal) =>
      decideAs(deployment, principal, { runId: id, decision: 'approved' });
    for (const principal of [BOB, as('eve', 'intern'), as('cfo-like', 'cf')]) {
      await expect(approve(principal)).rejects.toMatchObject({ code: 'permission_denied' });
    }
    await expect(approve(as('ann', 'cfo'))).rejects.toMatchObject({
      code: 'permission_denied',
      message: 'The requester of a run may not decide about it; role:cfo or user:dan may',
    });
    const { entries } = await deployment.ports.journal.read('audit/default');
    expect(entries).toContainEqual(
      expect.objectContaining({
        action: 'operation_denied',
        run: id,
        actor: expect.objectContaining({ subject: 'ann' }),
      }),
    );
    expect(await approve(as('carl', 'cfo'))).toMatchObject({ outcome: 'pending', approvals: 1 });
    expect(await approve(as('carl', 'cfo'))).toMatchObject({ outcome: 'pending', approvals: 1 });
    expect((await findRun(deployment.ports, id)).status).toBe('awaiting_approval');
    expect(await approve(as('dan'))).toMatchObject({ outcome: 'approved', approvals: 2 });
    expect(await resultOf(deployment, id)).toMatchObject({ status: 'success' });
  });

  describe('with a condition on the input of a step', () => {
    const total = (then: Plan<RequestedStep>) =>
      ({ kind: 'sequence', plans: [step('text/total'), then] }) as const;
    const echoes = { kind: 'parallel', plans: [step('text/echo'), step('text/echo')] } as const;

    test('park before each step that exceeds it, one at a time, and wait in no step', async () => {
      const { id, approval } = await park(deployment, total(echoes), 1200);
      expect(approval).toMatchObject({ step: 2, requirement: { policy: 'large', approvers: ['cfo'] } });
      const { input } = await showApproval(deployment.ports, aRights({ principal: BOB }), id);
      expect(input).toEqual({ amount: '1200' });
      expect(approval?.requirement.seen).toEqual([{ skill: 'text/echo', field: '/amount', value: '1200' }]);
      const waiting = await readTrace(deployment.ports, deployment.temporal, id);
      expect(traceDocument(waiting)).toMatchObject({
        status: 'awaiting_approval',
        steps: [{ status: 'success' }, { id: 2, status: 'awaiting_approval' }, { id: 3, status: 'waiting' }],
      });
      await expect(decideAs(deployment, BOB, { runId: id, decision: 'approved' })).rejects.toMatchObject({
        code: 'permission_denied',
        message: 'Only cfo may decide about this run',
      });
      await decideAs(deployment, as('carl', 'cfo'), { runId: id, decision: 'approved' });
      const next = await until(async () => {
        const run = await findRun(deployment.ports, id);
        return run.status === 'awaiting_approval' && run.approval?.step === 3 ? run : undefined;
      });
      expect(next.approval?.digest).not.toBe(approval?.digest);
      await decideAs(deployment, as('carl', 'cfo'), { runId: id, decision: 'approved' });
      expect(await resultOf(deployment, id)).toMatchObject({ status: 'success' });
      const done = traceDocument(await readTrace(deployment.ports, deployment.temporal, id));
      expect(done).toMatchObject({
        waited_ms: expect.any(Number),
        steps: [{}, { attempts: 1 }, { attempts: 1 }],
      });
    });

    test('let the run go on below it', async () => {
      const runId = await start(deployment, total(step('text/echo')), 12);
      expect(await resultOf(deployment, runId)).toMatchObject({ output: { value: '{"amount":"12"}' } });
    });

    test('park a run of one step before it begins', async () => {
      const { id, approval } = await park(deployment, step('text/echo'), { amount: 1200 });
      expect(approval).not.toHaveProperty('step');
      const { stdout } = await skillos(['approvals', 'show', id], { env: deployment.env });
      expect(stdout.split('\n')[2]).toBe('about      /amount: 1200');
      await decideAs(deployment, as('carl', 'cfo'), { runId: id, decision: 'denied' });
      expect(await resultOf(deployment, id)).toMatchObject({ status: 'blocked', reason: 'approval_denied' });
      await noticed(id, ['run.decided', 'run.parked']);
    });
  });

  test('let one denial deny, and no signal count', async () => {
    const { id } = await park(deployment, step('finance/close_books'));
    const handle = deployment.temporal.client.workflow.getHandle(id);
    await handle.signal('approve', 'sneaky');
    const ignored = await until(async () => (await findRun(deployment.ports, id)).approval?.decisions[0]);
    expect(ignored).toMatchObject({ via: 'signal', counted: false, comment: 'sneaky' });
    await decideAs(deployment, as('carl', 'cfo'), { runId: id, decision: 'approved' });
    await decideAs(deployment, as('dan'), { runId: id, decision: 'denied', comment: 'not balanced' });
    expect(await handle.result()).toMatchObject({
      status: 'blocked',
      message: 'Denied by dan: not balanced',
    });
  });

  test('deny when nobody decides in time', async () => {
    const folder = tempFolder();
    const { id } = await park(deployment, step('admin/delete_records'), folder);
    expect(await resultOf(deployment, id)).toMatchObject({ status: 'blocked', reason: 'approval_expired' });
    expect(existsSync(join(folder, 'deleted'))).toBe(false);
    await noticed(id, ['run.expired', 'run.parked']);
    await expect(decideAs(deployment, BOB, { runId: id, decision: 'approved' })).rejects.toMatchObject({
      code: 'approval_decided',
      details: { winner: { decision: 'expired' } },
    });
  });
});

describe('the approval token', () => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy([], { SKILLOS_APPROVAL_TOKEN: TOKEN });
    await deployment.startWorker();
  });

  test('is proved by whoever decides, and is nowhere in the history', async () => {
    const { id, approval } = await park(deployment, step('admin/delete_records'), tempFolder());
    const ask = { runId: id, decision: 'approved' } as const;
    const invalid = { code: 'approval_proof_invalid' };
    await expect(decideAs(deployment, BOB, ask)).rejects.toMatchObject(invalid);
    await expect(decideAs(deployment, BOB, { ...ask, token: 'guessed' })).rejects.toMatchObject(invalid);
    const handle = deployment.temporal.client.workflow.getHandle(id);
    const digest = approval?.digest as string;
    const execution = (await findRun(deployment.ports, id)).executionId as string;
    const stolen = proofOf(TOKEN, { runId: id, digest, decision: 'denied', subject: 'bob', execution });
    for (const proof of ['', TOKEN.slice(1), stolen]) {
      const forged = aDecision({ digest, principal: BOB, proof, execution });
      const sent = handle.executeUpdate(DECIDE_UPDATE, { args: [forged] as [Decision] });
      await expect(sent).rejects.toMatchObject({ cause: { type: 'approval_proof_invalid' } });
    }
    await handle.signal('approve');
    await until(async () =>
      (await findRun(deployment.ports, id)).approval?.decisions.find(({ via }) => via === 'signal'),
    );
    expect((await findRun(deployment.ports, id)).status).toBe('awaiting_approval');
    expect(await decideAs(deployment, BOB, { ...ask, token: TOKEN })).toMatchObject({ outcome: 'approved' });
    await resultOf(deployment, id);
    expect(JSON.stringify(await handle.fetchHistory())).not.toContain(TOKEN);
    const record = JSON.stringify(await findRun(deployment.ports, id));
    expect(record).not.toContain(TOKEN);
  });

  test('is asked for also by a worker that has lost it since', async () => {
    const root = rootWith(SKILLS);
    const guarded = await openDeployment(root, { SKILLOS_APPROVAL_TOKEN: TOKEN });
    toClose.push(guarded);
    const first = await spawnWorker(guarded);
    const { id } = await park(guarded, step('admin/delete_records'), tempFolder());
    await expect(decideAs(guarded, BOB, { runId: id, decision: 'approved' })).rejects.toMatchObject({
      code: 'approval_proof_invalid',
    });
    await first.end('SIGTERM');
    const { SKILLOS_APPROVAL_TOKEN: _, ...env } = guarded.env;
    const worker = await spawnWorker({ ...guarded, env });
    try {
      for (const token of [undefined, TOKEN]) {
        const ask = { runId: id, decision: 'approved', ...(token && { token }) } as const;
        await expect(decideAs(guarded, BOB, ask)).rejects.toMatchObject({ code: 'approval_proof_invalid' });
      }
      expect((await findRun(guarded.ports, id)).status).toBe('awaiting_approval');
    } finally {
      await worker.end('SIGTERM');
    }
  });
});

describe('the server key', () => {
  test('vouches for who decides', async () => {
    const deployment = await deploy([{ skill_id: '*', approvers: 'role:cfo' }], {
      SKILLOS_SERVER_KEY: 'k'.repeat(32),
    });
    await deployment.startWorker();
    const { id, approval } = await park(deployment, step('finance/close_books'));
    const forged = aDecision({ digest: approval?.digest as string, principal: as('eve', 'cfo') });
    const handle = deployment.temporal.client.workflow.getHandle(id);
    for (const signature of [undefined, 'x'.repeat(64)]) {
      const args = [signature === undefined ? forged : { ...forged, signature }] as [Decision];
      await expect(handle.executeUpdate(DECIDE_UPDATE, { args })).rejects.toMatchObject({
        cause: { type: 'work_refused' },
      });
    }
    expect(await decideAs(deployment, as('carl', 'cfo'), { runId: id, decision: 'approved' })).toMatchObject({
      outcome: 'approved',
    });
  });
});

describe('a worker that dies while a run waits', () => {
  test('loses no decision that was made, and none that comes', async () => {
    const deployment = await deploy([{ skill_id: '*', n_of: 2 }]);
    const folder = tempFolder();
    const first = await spawnWorker(deployment);
    const { id } = await park(deployment, step('admin/delete_records'), folder);
    await decideAs(deployment, ANN, { runId: id, decision: 'approved' });
    await first.end('SIGKILL');
    const second = await spawnWorker(deployment);
    try {
      expect(await decideAs(deployment, BOB, { runId: id, decision: 'approved' })).toMatchObject({
        outcome: 'approved',
      });
      expect(await resultOf(deployment, id)).toMatchObject({ status: 'success' });
      expect(readFileSync(join(folder, 'deleted'), 'utf8')).toBe('x');
    } finally {
      await second.end('SIGTERM');
    }
  });
});

describe('the command line', () => {
  let deployment: Deployment;
  const cli = (...argv: readonly string[]) => skillos(argv, { env: deployment.env });
  beforeAll(async () => {
    deployment = await deploy([{ skill_id: 'finance/*', policy_id: 'closing', n_of: 2 }], {
      SKILLOS_APPROVAL_TOKEN: TOKEN,
    });
    await deployment.startWorker();
  });

  test('says how to decide, shows what it is about, and decides', async () => {
    const folder = tempFolder();
    writeFiles(folder, { token: `${TOKEN}\n` });
    const asked = await cli('run-skill', 'admin/delete_records', '--payload', folder);
    expect(asked.code).toBe(4);
    const [, id = ''] = /^awaiting_approval: (.*)\n$/.exec(asked.stdout) ?? [];
    expect(asked.stderr).toContain(`skillos approve ${id}`);

    const listed = await cli('approvals', 'list');
    expect(listed.stdout).toContain(id);
    const shown = await cli('approvals', 'show', id);
    for (const line of [
      'status     pending',
      'why        destructive, high_risk',
      'who        anyone with the permission approvals:decide',
      'needs      0 of 1 approval, with the approval token',
      'cost       1.5',
      '  1 admin/delete_records (destructive, costs 1.5)',
      `  ${JSON.stringify(folder)}`,
    ]) {
      expect(shown.stdout.split('\n')).toContain(line);
    }
    const json = JSON.parse((await cli('approvals', 'show', id, '--json')).stdout) as JsonObject;
    expect(json).toMatchObject({
      schema: 'skillos.approval/v1',
      run_id: id,
      input: folder,
      token_required: true,
    });

    expect(await cli('approve', id)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('has no proof of the approval token'),
    });
    const approved = await cli(
      'approve',
      id,
      '--approval-token',
      `@${folder}/token`,
      '--comment',
      'as agreed',
    );
    expect(approved).toMatchObject({ code: 0, stdout: `approved: ${id}\n` });
    expect(await resultOf(deployment, id)).toMatchObject({ status: 'success' });
    expect((await cli('approvals', 'list')).stdout).not.toContain(id);
    const late = await cli('deny', id, '--approval-token', TOKEN, '--json');
    expect(late.code).toBe(1);
    expect(JSON.parse(late.stdout)).toMatchObject({
      code: 'approval_decided',
      details: { winner: { decision: 'approved', comment: 'as agreed', way: 'cli' } },
    });
    for (const { stdout, stderr } of [asked, listed, shown, approved, late]) {
      expect(stdout + stderr).not.toContain(TOKEN);
    }
  });

  test('takes the token from a variable of its own, and not from that of the worker', async () => {
    const { id } = await park(deployment, step('admin/delete_records'), tempFolder());
    expect(deployment.env['SKILLOS_APPROVAL_TOKEN']).toBe(TOKEN);
    expect((await cli('approvals', 'deny', id)).code).toBe(3);
    const env = { ...deployment.env, SKILLOS_APPROVER_TOKEN: TOKEN };
    expect(await skillos(['approvals', 'deny', id], { env })).toMatchObject({
      code: 0,
      stdout: `denied: ${id}\n`,
    });
  });

  test('says how many approvals are still missing', async () => {
    const { id } = await park(deployment, step('finance/close_books'));
    const decided = await cli('approve', id, '--approval-token', TOKEN);
    expect(decided).toMatchObject({ code: 0, stdout: `approval_recorded: ${id} (1 of 2)\n` });
  });

  test.each([
    [['approve', 'no-such-run'], 2, 'Unknown run'],
    [['approve'], 2, 'skillos approve --help'],
    [['approvals', 'show', 'text.echo-01ARZ3NDEKTSV4RRFFQ69G5FAV'], 2, 'Unknown run'],
    [['approvals', 'list', '--limit', '0'], 2, 'Invalid --limit'],
  ])('refuses %j', async (argv, code, message) => {
    const refused = await cli(...argv);
    expect([refused.code, refused.stdout]).toEqual([code, '']);
    expect(refused.stderr).toContain(message);
  });
});
