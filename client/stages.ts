/** What `prepare` would decide, stage by stage and timed; nothing is started, held or charged. */
import { LIMITS_KIND } from '../core/limits.ts';
import type { Limits } from '../core/limits.ts';
import type { JsonObject } from '../core/json.ts';
import { POLICIES } from '../core/policies.ts';
import type { Verdict } from '../core/policies.ts';
import { questionOf } from '../core/prepare.ts';
import type { ClientPorts } from './ports.ts';
import type { PreviewPorts } from './preview.ts';
import { requestOf } from './runs.ts';
import type { Ask } from './runs.ts';

export interface Stage {
  readonly stage: string;
  readonly ms: number;
  readonly inputs: JsonObject;
  readonly outputs: JsonObject;
}

/** Up to the first stage that says no. `clock` gives milliseconds. */
export async function* stagesOf(
  ports: ClientPorts,
  previews: PreviewPorts,
  { ask, clock }: { readonly ask: Ask; readonly clock: () => number },
): AsyncGenerator<Stage> {
  const began = clock();
  const request = await requestOf(ports, ask, ports.now());
  const [snapshot, current] = await Promise.all([
    previews.takeSnapshot(request),
    ports.records.get<Limits>(LIMITS_KIND, ask.tenant),
  ]);
  const limits = { current, settings: previews.limits, now: ports.now() };
  const question = questionOf(request, ask.payload, { ...snapshot, limits });
  const plan = { stage: 'plan', ms: clock() - began, inputs: { payload: ask.payload } };
  if ('status' in question) {
    const { code, message } = question.failure;
    return yield { ...plan, outputs: { error: code, message } };
  }
  yield { ...plan, outputs: { skills: question.entries.map(({ id }) => id) } };
  const { subject, roles } = request.principal;
  for (const policy of POLICIES) {
    const asked = clock();
    const verdict = policy.judge(question);
    const inputs = policy.name === 'permission' ? { subject, roles } : {};
    const ms = clock() - asked;
    for (const stage of namesOf(policy.name, verdict))
      yield { stage, ms, inputs, outputs: toldBy(verdict, stage) };
    if (verdict.kind === 'deny') return;
  }
}

/** One look at the limits answers for the circuits and for the budget. */
function namesOf(policy: string, verdict: Verdict): readonly string[] {
  if (policy !== 'limits') return [policy];
  return verdict.kind === 'deny' && verdict.reason === 'circuit_open' ? ['circuit'] : ['circuit', 'budget'];
}

function toldBy(verdict: Verdict, stage: string): JsonObject {
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
