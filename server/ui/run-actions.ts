/** Handlers of the forms on the page of a run. They make the same checks as the API and the command line. */
import { cancelFor, runToCancel } from '../../client/runs/cancel.ts';
import { awaitNextStop, controlRun, pauseOf, runToControl } from '../../client/runs/step-control.ts';
import type { StepInstruction } from '../../client/runs/step-control.ts';
import { submit } from '../../client/submit/submit.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import { mayOperate } from '../../core/rights/operations.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { parseStrictJson } from '../../core/values/strict-json.ts';
import { submitPorts } from '../execute.ts';
import type { Html } from './html.ts';
import { runPath } from './page.ts';
import { actorOf, formOf, rightsOf, sourceOf } from './page-request.ts';
import type { PageRequest } from './page-request.ts';
import { redirect } from './reply.ts';
import type { PageReply } from './reply.ts';
import { runActions } from './run-action-views.ts';

/** Time after a step command in which the run may reach its next stop before the page is shown again. */
const SETTLE_MS = 3000;

/** Resolves to undefined for a caller who may not operate the run. */
export async function actionsFor(request: PageRequest, record: RunRecord): Promise<Html | undefined> {
  const { frame, services } = request;
  if (!mayOperate(await rightsOf(request), 'runs:operate', record).isAllowed) return undefined;
  return runActions({ record, paused: await pauseOf(services.ports, record), frame });
}

export async function takeCancel(request: PageRequest, runId: string): Promise<PageReply> {
  const { rollback } = await formOf(request, ['rollback']);
  const { ports, temporal } = request.services;
  const actor = await actorOf(request);
  const run = await runToCancel(ports, actor, runId);
  await temporal.use((connected) => cancelFor(ports, connected, { actor, run, undoes: rollback === 'yes' }));
  return redirect(runPath(runId));
}

export async function takeStep(request: PageRequest, runId: string): Promise<PageReply> {
  const order = orderOf(await formOf(request, ['command', 'input']));
  const { ports, temporal } = request.services;
  const actor = await actorOf(request);
  const run = await runToControl(ports, actor, runId);
  await temporal.use((connected) => controlRun(ports, connected, { actor, run, order }));
  if (order.command !== 'edit') {
    const signal = AbortSignal.timeout(SETTLE_MS);
    await temporal.hold((connected) => awaitNextStop(ports, connected, { run, signal }));
  }
  return redirect(runPath(runId));
}

/** Redirects to the new run. */
export async function takeRerun(request: PageRequest, runId: string): Promise<PageReply> {
  const { from } = await formOf(request, ['from']);
  const actor = await actorOf(request);
  const outcome = await submit(submitPorts(sourceOf(request), actor.rights.tenant), {
    wanted: { kind: 'rerun', runId, from, set: [], latest: false },
    payload: () => Promise.resolve(undefined),
    actor,
    options: {},
    waiting: { kind: 'none' },
  });
  if (outcome.kind === 'going_on') return redirect(runPath(outcome.runId));
  throw new SkillosError('internal', 'The run was repeated, and its id is not known');
}

function orderOf({
  command,
  input,
}: {
  readonly command?: string | undefined;
  readonly input?: string | undefined;
}): StepInstruction {
  if (command === 'edit') return { command, input: jsonIn(input ?? '') };
  if (command === 'next' || command === 'skip' || command === 'continue') return { command };
  throw new SkillosError('request_invalid', 'Expected the field command: next, skip, continue or edit');
}

function jsonIn(text: string): JsonValue {
  try {
    return parseStrictJson(text);
  } catch (error) {
    throw new SkillosError('request_invalid', 'Expected JSON in the field input', { cause: error });
  }
}
