/** Adds schedules to the records. Needs no Temporal. */
import { ulid } from 'ulid';
import { SkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import { demand } from '../../core/rights/operations.ts';
import { mayRun } from '../../core/rights/permission-policy.ts';
import type { RunRequest } from '../../core/runs/run.ts';
import { parseScheduleRequest } from '../../core/schedules/schedule-request.ts';
import type { Firing, ScheduleRequest } from '../../core/schedules/schedule-request.ts';
import { scheduleRecords } from '../../core/schedules/schedule-records.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { findSkill } from '../../core/skills/find-skill.ts';
import { msOf } from '../../core/values/iso-time.ts';
import { parseScheduleId, qualifiedScheduleId, slotTime } from '../../core/values/schedule-id.ts';
import { nameOf } from '../../core/values/skill-id.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import { mayRunWhole } from '../skills/run-rights.ts';
import { checkStartRequest, requestOf } from '../submit/start-run.ts';
import type { SchedulePorts } from './ports.ts';

/** A schedule to add. `addSchedule` validates the texts of the request. */
export interface NewSchedule {
  readonly request: ScheduleRequest;
  readonly skill: SkillId;
  readonly payload: JsonValue;
  readonly id?: string | undefined;
  readonly note?: string | undefined;
  readonly maxRetries?: number | undefined;
  readonly pauseOnFailure?: boolean;
  readonly isDisabled?: boolean;
  /** Checks the schedule without storing it. */
  readonly isDryRun?: boolean;
  /** The zone if the request contains none. */
  readonly zone: string;
}

const MAX_NOTE = 1000;

/** Rejects, before anything is stored, with `invalid_schedule`, with `schedule_exists`, and as a run of the skill would. */
export async function addSchedule(ports: SchedulePorts, actor: Actor, added: NewSchedule): Promise<Schedule> {
  const { skill, payload } = added;
  const { rights } = actor;
  const firing = parseScheduleRequest(added.request, ports.zones, added.zone);
  const id = parseScheduleId(added.id ?? `${nameOf(skill).slice(0, 36)}-${ulid(ports.now()).toLowerCase()}`);
  if ((added.note?.length ?? 0) > MAX_NOTE) {
    throw new SkillosError('invalid_schedule', `Invalid --note: expected at most ${MAX_NOTE} characters`);
  }
  const plan = { kind: 'step', step: { skill } } as const;
  await checkStartRequest(ports, { plan, payload }, rights);
  const entry = await findSkill(ports.catalogs, skill, (each) => mayRun(rights, each).isAllowed);
  demand(await mayRunWhole(ports.catalogs, rights, entry));
  const request = await storedRequest(ports, actor, { added, id });
  const schedule = newSchedule(ports, { added, id, firing, request });
  const existing = await scheduleRecords(ports.records).get(schedule);
  if (existing !== undefined && existing.isRemoved !== true) throw exists(id);
  if (added.isDryRun === true) return schedule;
  const written = await scheduleRecords(ports.records).update(schedule, (current) =>
    current === undefined || current.isRemoved === true ? schedule : current,
  );
  if (written?.request.askedAt !== request.askedAt) throw exists(id);
  await recordAudit(ports, actor, { action: 'schedule_added', skill, after: { schedule: id } });
  return schedule;
}

/** Signed under the id of the schedule, because the ids of its runs are not known yet. Never contains an approval. */
async function storedRequest(
  ports: SchedulePorts,
  { rights }: Actor,
  { added, id }: { readonly added: NewSchedule; readonly id: string },
): Promise<RunRequest> {
  const { skill, payload, maxRetries } = added;
  const { principal, tenant } = rights;
  const start = {
    plan: { kind: 'step', step: { skill } } as const,
    payload,
    principal,
    tenant,
    ...(maxRetries === undefined ? {} : { maxRetries }),
  };
  const { terms: _, ...request } = await requestOf(ports, start, ports.now());
  const unsigned: RunRequest = { ...request, schedule: id };
  const signature = ports.sign?.(qualifiedScheduleId(tenant, id), unsigned);
  return signature === undefined ? unsigned : { ...unsigned, signature };
}

function newSchedule(
  ports: SchedulePorts,
  {
    added,
    id,
    firing,
    request,
  }: {
    readonly added: NewSchedule;
    readonly id: string;
    readonly firing: Firing;
    readonly request: RunRequest;
  },
): Schedule {
  const { skill, note, pauseOnFailure, isDisabled } = added;
  const now = slotTime(ports.now());
  return {
    id,
    tenant: request.tenant,
    skill,
    request,
    ...firing,
    ...(pauseOnFailure === true ? { pauseOnFailure } : {}),
    ...(note === undefined ? {} : { note }),
    enabled: isDisabled !== true,
    since: now,
    fired: [],
    firedCount: 0,
    skipped: [],
    createdAt: now,
  };
}

/** True if the only time of the schedule has passed; the next tick then runs it. */
export function isOverdue({ timing }: Schedule, now: number): boolean {
  return timing.kind === 'at' && msOf(timing.at) <= now;
}

function exists(id: string): SkillosError {
  return new SkillosError('schedule_exists', `Schedule ${JSON.stringify(id)} exists already`);
}
