/** Dry runs: the same decision as the worker's, from the same snapshot. Nothing is started, reserved or charged. */
import type { ConnectorSpec } from '../../core/connectors/connector.ts';
import { stepCostOf } from '../../core/limits/budget.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { LIMITS_KIND, budgetOf } from '../../core/limits/limits.ts';
import type { LimitSettings, Limits } from '../../core/limits/limits.ts';
import { prepare } from '../../core/preparing/prepare.ts';
import type { Snapshot } from '../../core/preparing/prepare.ts';
import { factsOf } from '../../core/preparing/preview.ts';
import type { PlanFacts, Preview } from '../../core/preparing/preview.ts';
import type { Blocked, RunRequest } from '../../core/runs/run.ts';
import type { ClientPorts } from '../ports.ts';
import { requestOf } from './start-run.ts';
import type { StartRequest } from './start-run.ts';

export interface PreviewPorts {
  takeSnapshot(request: RunRequest): Promise<Snapshot>;
  /** SHA-256 over the policy files. */
  policyVersion(): Promise<string>;
  readonly limits: LimitSettings;
  /** The valid connectors, by id. */
  connectors(): Promise<ReadonlyMap<string, ConnectorSpec>>;
}

export type Previewed =
  | Blocked
  | {
      readonly status: 'ready';
      readonly preview: Preview;
      readonly request: RunRequest;
      readonly facts: PlanFacts;
    };

/** Rejects if the request is invalid; a denial by a policy is a result. */
export async function previewRun(
  ports: ClientPorts,
  previews: PreviewPorts,
  ask: StartRequest,
): Promise<Previewed> {
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
  const preview = {
    prepared,
    payload: ask.payload,
    snapshot,
    tier,
    stepCost: stepCostOf(tier, settings),
    connectors: await previews.connectors(),
  };
  return { status: 'ready', preview, request, facts: factsOf(preview, { query: ask.query, policy }) };
}
