import { runToSteer, steer } from '../../client/steps.ts';
import type { StepOrder } from '../../client/steps.ts';
import { SkillosError } from '../../core/errors.ts';
import { parseRunId } from '../../core/run-id.ts';
import { endpoint } from '../endpoint.ts';
import type { Endpoint } from '../endpoint.ts';
import { stepRequest, stepTaken } from '../schemas/steps.ts';
import type { StepRequest } from '../schemas/steps.ts';

const postStep = endpoint({
  method: 'POST',
  path: '/runs/:run/step',
  id: 'stepRun',
  tag: 'Runs',
  summary: 'Steer a run that is paused: next, continue, skip, edit, abort, or break before a step',
  access: 'caller',
  body: stepRequest,
  replies: { 200: { description: 'The run has taken the order.', schema: stepTaken } },
  handle: async ({ params, body, services, actor: actorIn }) => {
    const { ports, temporal } = services;
    const order = orderOf(body);
    const actor = await actorIn(body.role);
    const run = await runToSteer(ports, actor, parseRunId(params['run'] ?? ''));
    await temporal.hold((connected) => steer(ports, connected, { actor, run, order }));
    return { json: { schema: 'skillos.step/v1', run_id: run.id, command: order.command } };
  },
});

function orderOf({ command, input, step }: StepRequest): StepOrder {
  if ((command === 'edit') !== (input !== undefined) || (command === 'break') !== (step !== undefined)) {
    throw new SkillosError('request_invalid', 'Expected input with edit, step with break, and neither else');
  }
  if (command === 'edit') return { command, input: input ?? null };
  if (command === 'break') return { command, step: String(step) };
  return { command };
}

export const STEPS: readonly Endpoint[] = [postStep];
