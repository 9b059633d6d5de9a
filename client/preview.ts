/** Dry runs: the same decision as the worker's, over the same snapshot, with nothing started, held or charged. */
import { stepCostOf } from '../core/budget.ts';
import { SkillosError } from '../core/errors.ts';
import { LIMITS_KIND, budgetOf } from '../core/limits.ts';
import type { LimitSettings, Limits } from '../core/limits.ts';
import { prepare } from '../core/prepare.ts';
import type { Snapshot } from '../core/prepare.ts';
import { factsOf } from '../core/preview.ts';
import type { PlanFacts, Preview } from '../core/preview.ts';
import type { Blocked, RunRequest } from '../core/run.ts';
import type { ClientPorts } from './ports.ts';
import { requestOf } from './runs.ts';
import type { Ask } from './runs.ts';

export interface PreviewPorts {
  takeSnapshot(request: RunRequest): Promise<Snapshot>;
  /** Changes whenever a policy file does; a SHA-256. */
  policyVersion(): Promise<string>;
  readonly limits: LimitSettings;
}

export type Previewed =
  | Blocked
  | {
      readonly status: 'ready';
      readonly preview: Preview;
      readonly request: RunRequest;
      readonly facts: PlanFacts;
    };

/** Rejects with the mistake in the ask; what a policy denies is an answer. */
export async function previewRun(ports: ClientPorts, previews: PreviewPorts, ask: Ask): Promise<Previewed> {
  const now = ports.now();
  const request = await requestOf(ports, ask, now);
  const [snapshot, current, policy] = await Promise.all([
    previews.takeSnapshot(request),
    ports.records.get<Limits>(LIMITS_KIND, ask.tenant),
    previews.policyVersion(),
  ]);
  const settings = previews.limits;
  const prepared = prepare(request, ask.payload, { ...snapshot, limits: { current, settings, now } });
  if (prepared.status === 'blocked') return prepared;
  if (prepared.status === 'error') throw new SkillosError(prepared.failure.code, prepared.failure.message);
  const { tier } = budgetOf(current, now, settings);
  const preview = { prepared, payload: ask.payload, snapshot, tier, stepCost: stepCostOf(tier, settings) };
  return { status: 'ready', preview, request, facts: factsOf(preview, { query: ask.query, policy }) };
}
