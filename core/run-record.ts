/** How a run record begins. */
import { stepsOf } from './plan.ts';
import type { Principal, RecordedPrincipal, RunRecord, RunRequest } from './run.ts';

/** The record of a run that was asked for and has not begun. */
export function openRecord(id: string, request: RunRequest): RunRecord {
  return {
    id,
    status: 'queued',
    skill: subjectOf(request),
    tenant: request.tenant,
    principal: recordedPrincipal(request.principal),
    steps: [],
    createdAt: request.askedAt,
  };
}

/** Without what only the decision needs. */
function recordedPrincipal({ subject, roles, via }: Principal): RecordedPrincipal {
  return { subject, roles, via };
}

/** What a run is called: its skill, or `pipeline` where there are several. */
export function subjectOf(request: Pick<RunRequest, 'plan'>): string {
  const steps = stepsOf(request.plan);
  return steps.length === 1 && steps[0] !== undefined ? steps[0].skill : 'pipeline';
}
