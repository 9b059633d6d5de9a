/** Attacks of somebody who reaches the Temporal server of a local engine and cannot read its folder. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { findRun } from '../../client/runs/run-records.ts';
import { readRequest } from '../../client/runs/history.ts';
import type { Temporal } from '../../client/temporal/connection.ts';
import type { RunStatus } from '../../core/runs/run.ts';
import { builtEngine } from '../support/built-engine.ts';
import type { BuiltEngine } from '../support/built-engine.ts';
import { serveBuilt } from '../support/built-server.ts';
import { eventually } from '../support/eventually.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';

const NOTE = `
import { appendFileSync } from 'node:fs';
export function run(file: string) { appendFileSync(file, 'x'); return 'done'; }`;

describe('a local engine', () => {
  let engine: BuiltEngine;
  let temporal: Temporal;
  let files = 0;

  beforeAll(async () => {
    engine = builtEngine({
      'admin/delete_records': { code: NOTE, manifest: 'side_effects: destructive\n' },
      'text/note': { code: NOTE },
    });
    await engine.json('run-skill', 'text/note', '--payload', newFile());
    temporal = await engine.connect();
  }, PROCESSES_TIMEOUT_MS);

  afterAll(async () => {
    await temporal.close();
    await engine.stop();
  });

  const newFile = () => join(engine.root, `effects-${++files}`);
  const effects = (file: string): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return '';
    }
  };

  async function start(
    ...argv: readonly string[]
  ): Promise<{ readonly runId: string; readonly file: string }> {
    const file = newFile();
    const { run_id: runId = '' } = await engine.json(...argv, '--payload', file, '--detach');
    return { runId, file };
  }

  const expectStatus = (runId: string, status: RunStatus) =>
    eventually(async () => expect((await findRun(engine.ports, runId)).status).toBe(status));

  /** Sends an Update without a signature; returns the code of the refusal. */
  async function update(runId: string, name: string, argument: unknown): Promise<string | null | undefined> {
    try {
      await temporal.client.workflow.getHandle(runId).executeUpdate(name, { args: [argument] });
      return 'accepted';
    } catch (error) {
      const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
      return cause instanceof ApplicationFailure ? cause.type : String(error);
    }
  }

  test('keeps its server key in a file that only the user reads, and nowhere else on disk', () => {
    const { folder } = engine.files;
    const serverKey = join(folder, 'server.key');
    const key = readFileSync(serverKey, 'utf8');

    expect([statSync(serverKey).mode & 0o777, statSync(folder).mode & 0o777]).toEqual([0o600, 0o700]);
    expect([...filesBelow(folder), ...filesBelow(engine.root)].filter((file) => contains(file, key))).toEqual(
      [serverKey],
    );
  });

  test('runs nothing of a start that is not signed', async () => {
    const { runId } = await start('run-skill', 'text/note');
    const file = newFile();
    const request = { ...(await readRequest(temporal, { id: runId })), payload: { value: file } };
    const forged = 'text.note-01ARZ3NDEKTSV4RRFFQ69G5FAV';
    const { signature: _signature, ...unsigned } = request;
    const { client, target } = temporal;
    for (const [index, args] of [request, unsigned].entries()) {
      const workflowId = `${forged.slice(0, -1)}${index}`;
      const handle = await client.workflow.start('run', {
        workflowId,
        taskQueue: target.taskQueue,
        args: [args],
      });
      await handle.result().catch(() => undefined);
      expect(await findRun(engine.ports, workflowId)).toMatchObject({
        status: 'blocked',
        policy: 'identity',
      });
    }
    expect(effects(file)).toBe('');
  });

  test('counts no decision without a signature or a code, and one signal with the code', async () => {
    const { runId, file } = await start('run-skill', 'admin/delete_records');
    await expectStatus(runId, 'awaiting_approval');
    const { approval, executionId } = await findRun(engine.ports, runId);
    const decision = {
      decision: 'approved',
      digest: approval?.digest,
      principal: { subject: 'root', roles: [], via: 'local' },
      tenant: 'default',
      via: 'cli',
      execution: executionId,
    };
    expect(await update(runId, 'decide', decision)).toBe('work_refused');
    const handle = temporal.client.workflow.getHandle(runId);
    const signals = [[], ['as agreed'], ['0000000000'], [{ code: '0000000000' }]];
    for (const args of signals) await handle.signal('approve', ...args);
    await eventually(async () =>
      expect((await findRun(engine.ports, runId)).approval?.decisions).toHaveLength(1 + signals.length),
    );
    const waiting = await findRun(engine.ports, runId);
    expect([waiting.status, effects(file)]).toEqual(['awaiting_approval', '']);
    expect(waiting.approval?.decisions.filter(({ counted }) => counted)).toEqual([]);

    const { signal_code: code = '' } = await engine.json('approvals', 'show', runId);
    await handle.signal('approve', `${code} as agreed`);
    await expectStatus(runId, 'success');
    expect(effects(file)).toBe('x');
    const { approval: decided } = await findRun(engine.ports, runId);
    expect(decided?.decisions.at(-1)).toMatchObject({ via: 'signal', counted: true, comment: 'as agreed' });
  });

  test('takes no step command without a signature, by Update or by signal', async () => {
    const { runId, file } = await start('run-skill', 'text/note', '--step-through');
    await expectStatus(runId, 'paused');
    expect(await update(runId, 'step', { command: 'next' })).toBe('work_refused');
    expect(await update(runId, 'step', { command: 'edit', input: { value: newFile() } })).toBe(
      'work_refused',
    );
    const handle = temporal.client.workflow.getHandle(runId);
    await handle.signal('edit', newFile());
    await handle.signal('next');
    expect(await update(runId, 'step', { command: 'next' })).toBe('work_refused'); // after the signals
    expect([(await findRun(engine.ports, runId)).status, effects(file)]).toEqual(['paused', '']);
    await engine.json('debug', runId, 'next');
    await expectStatus(runId, 'success');
    expect(effects(file)).toBe('x');
  });

  test('is used by the API, which signs with its key', async () => {
    const api = await serveBuilt(engine.env);
    try {
      const file = newFile();
      const reply = await api.post('/skills/text.note/run', { payload: file, wait_seconds: 20 });
      expect([reply.status, reply.body['status'], effects(file)]).toEqual([200, 'success', 'x']);
    } finally {
      await api.close();
    }
  });
});

function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function contains(file: string, text: string): boolean {
  try {
    return readFileSync(file).includes(text);
  } catch {
    return false; // removed in between
  }
}
