import { addSchedule, isOverdue } from '../../client/schedules/add.ts';
import { backfillSpan, timesToBackfill } from '../../client/schedules/backfill.ts';
import { applySchedule } from '../../client/schedules/derived-schedule.ts';
import { triggerSchedule } from '../../client/schedules/fire.ts';
import { zoneOf } from '../../client/schedules/ports.ts';
import { previewOf } from '../../client/schedules/preview.ts';
import {
  listSchedules,
  openSchedule,
  removeSchedule,
  scheduleToChange,
  setEnabled,
} from '../../client/schedules/schedules.ts';
import { showSchedule } from '../../client/schedules/show.ts';
import { isSkillosError } from '../../core/errors/errors.ts';
import { scheduleDocument, scheduleItem } from '../../core/schedules/schedule-document.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { DEFAULT_PAYLOAD } from '../../core/skills/accept-input.ts';
import { slotTime } from '../../core/values/schedule-id.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { endpoint } from '../http/endpoint.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { namingFields } from '../http/option-names.ts';
import {
  backfill,
  backfillRequest,
  changeRequest,
  preview,
  previewRequest,
  schedule as scheduleSchema,
  scheduleChange,
  scheduleList,
  scheduleQuery,
  scheduleRequest,
} from '../schemas/schedules.ts';
import type { ScheduleFields } from '../schemas/schedules.ts';
import type { Services } from '../services/services.ts';

const getSchedules = endpoint({
  method: 'GET',
  path: '/schedules',
  id: 'listSchedules',
  tag: 'Schedules',
  summary: 'List schedules, by id',
  access: 'caller',
  query: scheduleQuery,
  replies: { 200: { description: 'A page of schedules that the caller may see.', schema: scheduleList } },
  handle: async ({ query, services: { schedulePorts: ports }, rights }) => {
    const now = ports.now();
    const { items: schedules, ...next } = await listSchedules(ports, await rights(), query);
    const items = schedules.map((each) =>
      scheduleItem(each, { now, offsetAt: zoneOf(ports, each).offsetAt }),
    );
    return { json: { schema: 'skillos.schedules/v1', items, ...next } };
  },
});

const postSchedule = endpoint({
  method: 'POST',
  path: '/schedules',
  id: 'addSchedule',
  tag: 'Schedules',
  summary: 'Add a schedule that runs a skill once, or repeatedly',
  access: 'caller',
  body: scheduleRequest,
  replies: {
    200: { description: 'A dry run: the request is valid, and nothing is stored.', schema: scheduleSchema },
    201: { description: 'The schedule is stored; `Location` is its path.', schema: scheduleSchema },
  },
  handle: async ({ body, services, actor: actorIn }) => {
    const { schedulePorts: ports } = services;
    const actor = await actorIn(body.role);
    const schedule = await namingFields(() =>
      addSchedule(ports, actor, newSchedule(body, services.config.timezone)),
    );
    const now = ports.now();
    const { offsetAt } = zoneOf(ports, schedule);
    const late = isOverdue(schedule, now) ? ['The time has passed; the next tick runs it'] : [];
    const warnings = [...late, ...(body.dry_run ? [] : await applied(services, schedule))];
    const json = {
      ...scheduleDocument(schedule, { now, offsetAt, runs: [], missed: [] }),
      ...warningsOf(warnings),
    };
    if (body.dry_run) return { json };
    return { status: 201, headers: { Location: `/schedules/${schedule.id}` }, json };
  },
});

function newSchedule(body: ScheduleFields, zone: string): Parameters<typeof addSchedule>[2] {
  const { skill, payload, id, note, max_retries: maxRetries, enabled, dry_run: isDryRun } = body;
  const { run_at: runAt, cron, every, timezone, start_at: startAt, end_at: endAt } = body;
  const { times, overlap, catchup, jitter, pause_on_failure: pauseOnFailure } = body;
  const count = times === undefined ? undefined : String(times);
  const request = { runAt, cron, every, timezone, startAt, endAt, times: count, overlap, catchup, jitter };
  return {
    request,
    skill: parseSkillId(skill),
    payload: payload ?? DEFAULT_PAYLOAD,
    id,
    note,
    maxRetries,
    pauseOnFailure,
    isDisabled: !enabled,
    isDryRun,
    zone,
  };
}

/** Updates Temporal's Schedule. Resolves to a warning if Temporal is unreachable: a worker updates it later. */
async function applied(
  { schedulePorts, temporal }: Services,
  schedule: Schedule,
): Promise<readonly string[]> {
  try {
    await temporal.use((connected) => applySchedule(schedulePorts, connected, schedule));
    return [];
  } catch (error) {
    if (!isSkillosError(error, 'engine_unreachable')) throw error;
    return ['Temporal does not answer; the change takes effect there when a worker connects'];
  }
}

function warningsOf(warnings: readonly string[]) {
  return warnings.length === 0 ? {} : { warnings: [...warnings] };
}

const getSchedule = endpoint({
  method: 'GET',
  path: '/schedules/:schedule',
  id: 'getSchedule',
  tag: 'Schedules',
  summary: 'Show a schedule: its next firings, last runs and missed times',
  access: 'caller',
  replies: { 200: { description: 'The schedule.', schema: scheduleSchema } },
  handle: async ({ params, services: { schedulePorts: ports }, rights }) => {
    const found = await openSchedule(ports, await rights(), params['schedule'] ?? '');
    const shown = await showSchedule(ports, found);
    const { offsetAt } = zoneOf(ports, shown.schedule);
    return { json: scheduleDocument(shown.schedule, { ...shown, now: ports.now(), offsetAt }) };
  },
});

const deleteSchedule = endpoint({
  method: 'DELETE',
  path: '/schedules/:schedule',
  id: 'removeSchedule',
  tag: 'Schedules',
  summary: 'Remove a schedule; its runs are kept',
  access: 'caller',
  replies: { 200: { description: 'The schedule is removed.', schema: scheduleChange } },
  handle: async ({ params, services, actor }) => {
    const removed = await removeSchedule(services.schedulePorts, await actor(), params['schedule'] ?? '');
    const warnings = await applied(services, removed);
    const { id } = removed;
    return { json: { schema: 'skillos.schedule-change/v1', id, removed: true, ...warningsOf(warnings) } };
  },
});

const enable = enabling(true, { id: 'enableSchedule', summary: 'Enable a schedule from now on' });
const disable = enabling(false, { id: 'disableSchedule', summary: 'Disable a schedule' });

function enabling(enabled: boolean, about: { readonly id: string; readonly summary: string }): Endpoint {
  return endpoint({
    method: 'POST',
    path: `/schedules/:schedule/${enabled ? 'enable' : 'disable'}`,
    ...about,
    tag: 'Schedules',
    access: 'caller',
    body: changeRequest,
    replies: { 200: { description: 'The schedule is changed.', schema: scheduleChange } },
    handle: async ({ params, body, services, actor }) => {
      const change = { id: params['schedule'] ?? '', enabled };
      const schedule = await setEnabled(services.schedulePorts, await actor(body.role), change);
      const warnings = await applied(services, schedule);
      const { id } = schedule;
      return { json: { schema: 'skillos.schedule-change/v1', id, enabled, ...warningsOf(warnings) } };
    },
  });
}

const trigger = endpoint({
  method: 'POST',
  path: '/schedules/:schedule/trigger',
  id: 'triggerSchedule',
  tag: 'Schedules',
  summary: 'Run a schedule now, even if it is disabled',
  access: 'caller',
  body: changeRequest,
  replies: { 202: { description: 'The run is started; `Location` is its path.', schema: scheduleChange } },
  handle: async ({ params, body, services, actor: actorIn }) => {
    const { schedulePorts: ports, temporal } = services;
    const actor = await actorIn(body.role);
    const schedule = await scheduleToChange(ports, actor, params['schedule'] ?? '');
    const runId = await temporal.use((connected) => triggerSchedule(ports, connected, { actor, schedule }));
    return {
      status: 202,
      headers: { Location: `/runs/${runId}` },
      json: { schema: 'skillos.schedule-change/v1', id: schedule.id, run_id: runId },
    };
  },
});

const postBackfill = endpoint({
  method: 'POST',
  path: '/schedules/:schedule/backfill',
  id: 'backfillSchedule',
  tag: 'Schedules',
  summary: 'Run the times between two dates that have no successful run, one after another',
  access: 'caller',
  body: backfillRequest,
  replies: {
    200: { description: 'A dry run, or nothing is to be run.', schema: backfill },
    202: { description: 'This server runs the times, until it stops.', schema: backfill },
  },
  handle: async ({ params, body, services, actor, requestId }) => {
    const { schedulePorts: ports, backfills, onFault } = services;
    const schedule = await scheduleToChange(ports, await actor(body.role), params['schedule'] ?? '');
    const times = await namingFields(async () =>
      timesToBackfill(ports, schedule, backfillSpan(body, zoneOf(ports, schedule))),
    );
    const isStarted = !body.dry_run && times.length > 0;
    if (isStarted) await backfills.start(schedule, times, (error) => onFault(error, requestId));
    return {
      status: isStarted ? 202 : 200,
      json: { schema: 'skillos.backfill/v1', id: schedule.id, times: times.map(slotTime) },
    };
  },
});

const postPreview = endpoint({
  method: 'POST',
  path: '/schedules/preview',
  id: 'previewSchedule',
  tag: 'Schedules',
  summary: 'Show when a schedule would fire, and the times that a clock change skips or shows twice',
  access: 'caller',
  body: previewRequest,
  replies: { 200: { description: 'The firings; nothing is stored.', schema: preview } },
  handle: async ({ body: { run_at: runAt, ...body }, services: { schedulePorts, config } }) => {
    const { document } = await namingFields(async () =>
      previewOf(schedulePorts, { ...body, runAt, zone: config.timezone }),
    );
    return { json: document };
  },
});

export const SCHEDULES: readonly Endpoint[] = [
  getSchedules,
  postSchedule,
  postPreview,
  getSchedule,
  deleteSchedule,
  enable,
  disable,
  trigger,
  postBackfill,
];
