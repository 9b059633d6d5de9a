import { runToControl, controlRun } from '../../client/runs/step-control.ts';
import type { StepInstruction } from '../../client/runs/step-control.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { parseRunId } from '../../core/values/run-id.ts';
import { endpoint } from '../http/endpoint.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { stepRequest, stepTaken } from '../schemas/steps.ts';
import type { StepRequest } from '../schemas/steps.ts';

const postStep = endpoint({
  method: 'POST',
  path: '/runs/:run/step',
  id: 'stepRun',
  tag: 'Runs',
  summary: 'Control a paused run: next, continue, skip, edit, abort, or break before a step',
  access: 'caller',
  body: stepRequest,
  replies: { 200: { description: 'The run has accepted the command.', schema: stepTaken } },
  handle: async ({ params, body, services, actor: actorIn }) => {
    const { ports, temporal } = services;
    const order = orderOf(body);
    const actor = await actorIn(body.role);
    const run = await runToControl(ports, actor, parseRunId(params['run'] ?? ''));
    await temporal.hold((connected) => controlRun(ports, connected, { actor, run, order }));
    return { json: { schema: 'skillos.step/v1', run_id: run.id, command: order.command } };
  },
});

function orderOf({ command, input, step }: StepRequest): StepInstruction {
  if ((command === 'edit') !== (input !== undefined) || (command === 'break') !== (step !== undefined)) {
    throw new SkillosError(
      'request_invalid',
      'Expected input with edit, step with break, and neither with other commands',
    );
  }
  if (command === 'edit') return { command, input: input ?? null };
  if (command === 'break') return { command, step: String(step) };
  return { command };
}

export const STEPS: readonly Endpoint[] = [postStep];
