/** Evaluates the stages of `prepare` one by one, with their durations. Nothing is started, reserved or charged. */
import { LIMITS_KIND } from '../../core/limits/limits.ts';
import type { Limits } from '../../core/limits/limits.ts';
import type { JsonObject } from '../../core/json.ts';
import { POLICIES } from '../../core/preparing/policies.ts';
import type { Verdict } from '../../core/preparing/policies.ts';
import { policyInputOf } from '../../core/preparing/prepare.ts';
import type { ClientPorts } from '../ports.ts';
import type { PreviewPorts } from './preview.ts';
import { requestOf } from './start-run.ts';
import type { StartRequest } from './start-run.ts';

export interface Stage {
  readonly stage: string;
  readonly ms: number;
  readonly inputs: JsonObject;
  readonly outputs: JsonObject;
}

/** Yields stages up to the first denial. `clock` returns milliseconds. */
export async function* stagesOf(
  ports: ClientPorts,
  previews: PreviewPorts,
  { ask, clock }: { readonly ask: StartRequest; readonly clock: () => number },
): AsyncGenerator<Stage> {
  const began = clock();
  const request = await requestOf(ports, ask, ports.now());
  const [snapshot, current] = await Promise.all([
    previews.takeSnapshot(request),
    ports.records.get<Limits>(LIMITS_KIND, ask.tenant),
  ]);
  const limits = { current, settings: previews.limits, now: ports.now() };
  const question = policyInputOf(request, ask.payload, { ...snapshot, limits });
  const plan = { stage: 'plan', ms: clock() - began, inputs: { payload: ask.payload } };
  if ('status' in question) {
    const { code, message } = question.failure;
    return yield { ...plan, outputs: { error: code, message } };
  }
  yield { ...plan, outputs: { skills: question.entries.map(({ id }) => id) } };
  const { subject, roles } = request.principal;
  for (const policy of POLICIES) {
    const startedAt = clock();
    const verdict = policy.evaluate(question);
    const inputs = policy.name === 'permission' ? { subject, roles } : {};
    const ms = clock() - startedAt;
    for (const stage of namesOf(policy.name, verdict))
      yield { stage, ms, inputs, outputs: outputOf(verdict, stage) };
    if (verdict.kind === 'deny') return;
  }
}

/** Circuits and budget are decided by one read of the limits. */
function namesOf(policy: string, verdict: Verdict): readonly string[] {
  if (policy !== 'limits') return [policy];
  return verdict.kind === 'deny' && verdict.reason === 'circuit_open' ? ['circuit'] : ['circuit', 'budget'];
}

function outputOf(verdict: Verdict, stage: string): JsonObject {
  if (verdict.kind === 'deny' && stage === 'circuit' && verdict.reason !== 'circuit_open') {
    return { verdict: 'allow' };
  }
  switch (verdict.kind) {
    case 'allow':
      return { verdict: 'allow' };
    case 'needs_approval': {
      const { policy, reasons } = verdict.requirement;
      return { verdict: 'needs_approval', policy, reasons };
    }
    case 'deny': {
      const { reason, policy, message } = verdict;
      return { verdict: 'deny', reason, policy, message };
    }
  }
}
