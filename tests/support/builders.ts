/** Small valid objects of the domain, to be changed where a test cares. */
import type { ApprovalRequirement, Decision } from '../../core/approvals/approval.ts';
import type { SkillEntry } from '../../core/skills/catalog.ts';
import { compositionDigest, compositionSchema } from '../../core/skills/composition.ts';
import type { Composition } from '../../core/skills/composition.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import type { FrozenStep } from '../../core/plans/plan.ts';
import type { PolicySnapshot } from '../../core/preparing/policies.ts';
import type { Ready, RunRecord, RunRequest } from '../../core/runs/run.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { COMPOSED_ENTRYPOINT, manifestSchema } from '../../core/skills/manifest.ts';
import type { SkillManifest } from '../../core/skills/manifest.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';

/** As it would come out of the YAML; `fields` stand as in the file. */
export function aManifest(fields: Readonly<Record<string, unknown>> = {}): SkillManifest {
  return manifestSchema.parse({
    id: 'travel/search_flights',
    name: 'Search flights',
    description: 'Finds flights between two cities',
    version: '1.0.0',
    entrypoint: 'implementations.travel.search_flights:run',
    ...fields,
  });
}

export function aSkill(id: string, fields: Readonly<Record<string, unknown>> = {}): SkillEntry {
  return { id: parseSkillId(id), manifest: aManifest({ id, ...fields }), file: `metadata/${id}.yaml` };
}

/** As it would come out of the file; `fields` stand as in it. */
export function aComposition(id: string, fields: Readonly<Record<string, unknown>> = {}): Composition {
  return compositionSchema.parse({ id, steps: ['travel/search_flights'], ...fields });
}

/** An active one, unless the fields of its file say otherwise. */
export function aComposed(
  id: string,
  fields: Readonly<Record<string, unknown>> = {},
  manifest: Readonly<Record<string, unknown>> = {},
): SkillEntry {
  const activated = {
    digest: compositionDigest(aComposition(id, fields)),
    at: '2026-01-02T03:04:05Z',
    by: 'ann',
  };
  const composition = aComposition(id, { active: true, activated, ...fields });
  return { ...aSkill(id, { entrypoint: COMPOSED_ENTRYPOINT, ...manifest }), composition };
}

export function aRequest(more: Partial<RunRequest> = {}): RunRequest {
  return {
    plan: { kind: 'step', step: { skill: parseSkillId('travel/search_flights') } },
    payload: { value: 'Sochi' },
    principal: { subject: 'ann', roles: ['operator'], via: 'local' },
    tenant: 'default',
    askedAt: '2026-01-02T03:04:05.000Z',
    ...more,
  };
}

/** Of a root without policies, outside production. */
export function aPolicySnapshot(more: Partial<PolicySnapshot> = {}): PolicySnapshot {
  return {
    permissionFile: { status: 'absent' },
    approvalFile: { status: 'absent' },
    production: false,
    hasApprovalToken: false,
    ...more,
  };
}

/** A plan of one step as `prepare` freezes it. */
export function aReady(more: Partial<Ready> = {}): Ready {
  return {
    status: 'ready',
    plan: { kind: 'step', step: aStep() },
    digest: 'd1',
    payload: { value: 'Sochi' },
    parallelLimit: 4,
    warnings: [],
    ...more,
  };
}

export function aStep(more: Partial<FrozenStep> = {}): FrozenStep {
  return {
    number: 1,
    skill: parseSkillId('travel/search_flights'),
    name: 'Search flights',
    hash: 'h1',
    accepts: 'text',
    timeoutMs: 60_000,
    retry: { maxAttempts: 3, initialMs: 1000, backoff: 2, maxIntervalMs: 60_000, nonRetryable: [] },
    repeatable: true,
    ...more,
  };
}

/** Of somebody who may do anything, unless the policies given say otherwise. */
export function aRights(more: Partial<Rights> = {}): Rights {
  return {
    principal: { subject: 'ann', roles: [], via: 'local' },
    tenant: 'default',
    file: { status: 'absent' },
    production: false,
    ...more,
  };
}

export function aRecord(more: Partial<RunRecord> = {}): RunRecord {
  return {
    id: 'travel.search_flights-01ARZ3NDEKTSV4RRFFQ69G5FAV',
    status: 'running',
    skill: 'travel/search_flights',
    tenant: 'default',
    principal: { subject: 'ann', roles: [], via: 'local' },
    steps: [{ number: 1, skill: parseSkillId('travel/search_flights'), hash: 'h1' }],
    createdAt: '2026-01-02T03:04:05.000Z',
    ...more,
  };
}

/** As without any policy, on one person's machine. */
export function aRequirement(more: Partial<ApprovalRequirement> = {}): ApprovalRequirement {
  return {
    policy: 'destructive',
    reasons: ['destructive: skill "admin/delete_records"'],
    approvers: [],
    nOf: 1,
    allowSelf: true,
    timeoutMs: 7 * 86_400_000,
    proof: false,
    signals: true,
    ...more,
  };
}

export function aDecision(more: Partial<Decision> = {}): Decision {
  return {
    decision: 'approved',
    digest: 'd'.repeat(64),
    principal: { subject: 'bob', roles: [], via: 'local' },
    tenant: 'default',
    via: 'cli',
    ...more,
  };
}

/** Each day at six in Berlin. */
export function aSchedule(more: Partial<Schedule> = {}): Schedule {
  return {
    id: 'daily',
    tenant: 'default',
    skill: 'ops/first',
    request: aRequest(),
    timing: { kind: 'cron', expressions: ['0 6 * * *'] },
    zone: 'Europe/Berlin',
    overlap: 'skip',
    catchupSeconds: 60,
    enabled: true,
    since: '2027-01-01T00:00:00Z',
    fired: [],
    firedCount: 0,
    skipped: [],
    createdAt: '2027-01-01T00:00:00Z',
    ...more,
  };
}
