/** Finds, lists and changes schedules in the records. Needs no Temporal. Schedules of other tenants are unknown. */
import { SkillosError } from '../../core/errors/errors.ts';
import { mayOperate } from '../../core/rights/operations.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import { scheduleRecords } from '../../core/schedules/schedule-records.ts';
import { disabledSchedule, enabledSchedule } from '../../core/schedules/schedule.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { parseScheduleId } from '../../core/values/schedule-id.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import type { SchedulePorts } from './ports.ts';

/** Resolves to a schedule that the caller may read. Rejects with `unknown_schedule` for all others. */
export async function openSchedule(
  ports: Pick<SchedulePorts, 'records'>,
  rights: Rights,
  text: string,
): Promise<Schedule> {
  const schedule = await findSchedule(ports, rights, text);
  if (!mayOperate(rights, 'runs:read', schedule.request).isAllowed) throw unknown(schedule.id);
  return schedule;
}

/** On files each page lists the whole folder, so few pages must do even if the caller may read few schedules. */
const PAGE_GROWTH = 10;
const MAX_PAGE = 10_000;

export interface ScheduleRange {
  readonly limit: number;
  /** The last schedule of the previous page. */
  readonly after?: string | undefined;
}

export interface SchedulePage {
  readonly items: readonly Schedule[];
  /** `after` of the next page; absent on the last one. */
  readonly next?: string;
}

/**
 * Lists the schedules of the tenant that the caller may read, by id: its own, and with `runs:read` all. Rejects with
 * `invalid_schedule` if `after` cannot be the id of one.
 */
export async function listSchedules(
  ports: Pick<SchedulePorts, 'records'>,
  rights: Rights,
  { limit, after }: ScheduleRange,
): Promise<SchedulePage> {
  const { tenant } = rights;
  const known = scheduleRecords(ports.records);
  const found: Schedule[] = [];
  let from = { tenant, id: after === undefined ? '' : parseScheduleId(after) }; // every id is after the empty one
  for (let size = limit + 1; found.length <= limit; size = Math.min(size * PAGE_GROWTH, MAX_PAGE)) {
    const page = await known.page({ limit: size, after: from });
    found.push(...page.filter((schedule) => isListed(schedule, rights)));
    const last = page.at(-1);
    if (last === undefined || page.length < size) break;
    from = last;
  }
  const items = found.slice(0, limit);
  const next = found.length > limit ? items.at(-1)?.id : undefined;
  return next === undefined ? { items } : { items, next };
}

function isListed({ tenant, isRemoved, request }: Schedule, rights: Rights): boolean {
  return tenant === rights.tenant && isRemoved !== true && mayOperate(rights, 'runs:read', request).isAllowed;
}

/** Resolves to the changed record. Rejects with `unknown_schedule`, or as `authorize` does. */
export async function setEnabled(
  ports: SchedulePorts,
  actor: Actor,
  { id: text, enabled }: { readonly id: string; readonly enabled: boolean },
): Promise<Schedule> {
  const { id, tenant, skill } = await scheduleToChange(ports, actor, text);
  const now = ports.now();
  const changed = await scheduleRecords(ports.records).update({ id, tenant }, (current) =>
    current === undefined ? current : enabled ? enabledSchedule(current, now) : disabledSchedule(current),
  );
  if (changed === undefined) throw unknown(id);
  const action = enabled ? 'schedule_enabled' : 'schedule_disabled';
  await recordAudit(ports, actor, { action, skill, after: { schedule: id } });
  return changed;
}

/** Marks the record for removal; it is deleted after Temporal's Schedule. */
export async function removeSchedule(ports: SchedulePorts, actor: Actor, text: string): Promise<Schedule> {
  const { id, tenant, skill } = await scheduleToChange(ports, actor, text);
  const removed = await scheduleRecords(ports.records).update({ id, tenant }, (current) =>
    current === undefined ? current : { ...disabledSchedule(current), isRemoved: true },
  );
  if (removed === undefined) throw unknown(id);
  await recordAudit(ports, actor, { action: 'schedule_removed', skill, after: { schedule: id } });
  return removed;
}

/**
 * Resolves to a schedule that the caller may change: its own, or with `schedules:write` any. Rejects as `authorize` does, and with
 * `unknown_schedule` if the caller may not even read it.
 */
export async function scheduleToChange(ports: SchedulePorts, actor: Actor, text: string): Promise<Schedule> {
  const schedule = await findSchedule(ports, actor.rights, text);
  const { request, skill } = schedule;
  try {
    await authorize(ports, actor, { operation: 'schedules:write', resource: request, skill });
  } catch (error) {
    throw mayOperate(actor.rights, 'runs:read', request).isAllowed ? error : unknown(schedule.id);
  }
  return schedule;
}

async function findSchedule(
  ports: Pick<SchedulePorts, 'records'>,
  { tenant }: Rights,
  text: string,
): Promise<Schedule> {
  const id = parseScheduleId(text);
  const schedule = await scheduleRecords(ports.records).get({ tenant, id });
  if (schedule === undefined || schedule.isRemoved === true) throw unknown(id);
  return schedule;
}

function unknown(id: string): SkillosError {
  return new SkillosError('unknown_schedule', `Unknown schedule ${JSON.stringify(id)}`, {
    hint: 'skillos schedule list',
  });
}
