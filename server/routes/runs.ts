import { cancelFor, runToCancel } from '../../client/runs/cancel.ts';
import { readRun } from '../../client/runs/read-run.ts';
import { admit, listRuns, openRun } from '../../client/runs/run-records.ts';
import { recordToWatch } from '../../client/runs/watch.ts';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import { runDocument, runItem } from '../../core/runs/run-document.ts';
import { parseRunId } from '../../core/values/run-id.ts';
import { isInFlight } from '../../core/runs/run.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { parseScheduleId } from '../../core/values/schedule-id.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { endpoint } from '../http/endpoint.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { sinceIn } from '../http/since.ts';
import { streamEvents } from '../http/event-stream.ts';
import { cancelRequest, cancelled, run, runPage, runQuery } from '../schemas/runs.ts';
import type { Services } from '../services/services.ts';

const getRuns = endpoint({
  method: 'GET',
  path: '/runs',
  id: 'listRuns',
  tag: 'Runs',
  summary: 'List runs, newest first',
  access: 'caller',
  query: runQuery,
  replies: { 200: { description: 'A page of runs.', schema: runPage } },
  handle: async ({ query, services, rights }) => {
    const { ports } = services;
    const { status, skill, schedule, since, limit, after } = query;
    const { items, next } = await listRuns(ports, {
      rights: await rights(),
      limit,
      ...(status === undefined ? {} : { status }),
      ...(skill === undefined ? {} : { skill: parseSkillId(skill) }),
      ...(schedule === undefined ? {} : { schedule: parseScheduleId(schedule) }),
      ...(since === undefined ? {} : { since: sinceIn(since, ports.now()) }),
      ...(after === undefined ? {} : { after }),
    });
    const more = next === undefined ? {} : { next };
    return { json: { schema: 'skillos.runs/v1', items: items.map(runItem), ...more } };
  },
});

const getRun = endpoint({
  method: 'GET',
  path: '/runs/:run',
  id: 'getRun',
  tag: 'Runs',
  summary: 'Show one run: its status, steps and output',
  access: 'caller',
  replies: { 200: { description: 'The run, whatever its status.', schema: run } },
  handle: async ({ params, services, rights }) => {
    const runId = parseRunId(params['run'] ?? '');
    await openRun(services.ports, await rights(), { runId, operation: 'runs:read' });
    return { json: await showRun(services, runId) };
  },
});

/** Takes the outcome from the record; if Temporal is unreachable, only the record is shown. */
async function showRun({ ports, temporal }: Services, runId: string): Promise<JsonObject> {
  const withHistory = temporal.use((connected) => readRun(ports, connected, runId));
  const parts = await withHistory.catch((error: unknown) => {
    if (!isSkillosError(error, 'engine_unreachable')) throw error;
    return readRun(ports, undefined, runId);
  });
  return runDocument(parts);
}

const cancel = endpoint({
  method: 'POST',
  path: '/runs/:run/cancel',
  id: 'cancelRun',
  tag: 'Runs',
  summary: 'Cancel a run',
  access: 'caller',
  body: cancelRequest,
  replies: {
    202: { description: 'The cancellation is requested.', schema: cancelled },
  },
  handle: async ({ params, body, services, actor: actorIn }) => {
    const runId = parseRunId(params['run'] ?? '');
    const { ports, temporal } = services;
    const actor = await actorIn(body.role);
    const run = await runToCancel(ports, actor, runId);
    await temporal.use((connected) => cancelFor(ports, connected, { actor, run, undoes: body.rollback }));
    return {
      status: 202,
      headers: { Location: `/runs/${runId}` },
      json: { schema: 'skillos.cancel/v1', run_id: runId, status: 'cancel_requested' },
    };
  },
});

const getEvents = endpoint({
  method: 'GET',
  path: '/runs/:run/events',
  id: 'followRun',
  tag: 'Runs',
  summary: 'Follow a run to its end, as server-sent events',
  access: 'caller',
  headers: { 'Last-Event-ID': 'Resume after this event.' },
  replies: {
    200: { description: 'All events from the first on; the last is `run_ended`.', type: 'text/event-stream' },
    204: { description: 'The run has ended, and the client has all of its events.' },
  },
  handle: async ({ params, header, services, rights, ...call }) => {
    const disconnected = call.signal(); // subscribed first, so that a disconnect before the first event is noticed
    const runId = parseRunId(params['run'] ?? '');
    const after = positionOf(header('Last-Event-ID'));
    const record = await recordOf(services, await rights(), runId);
    if (after > 0 && !isInFlight(record.status) && (await services.runEvents.countOf(runId)) <= after) {
      return { status: 204 };
    }
    const stream = call.openStream();
    const signal = AbortSignal.any([disconnected, stream.signal]);
    const onClose = () => stream.close();
    const body = streamEvents({ events: services.runEvents, runId, after, signal, onClose });
    return {
      content: { type: 'text/event-stream; charset=utf-8', body },
      headers: { 'X-Accel-Buffering': 'no' },
    };
  },
});

/** Finds the record, also of a run that no worker has taken yet. */
async function recordOf({ ports, temporal }: Services, rights: Rights, runId: string): Promise<RunRecord> {
  const record = await temporal.use((connected) => recordToWatch(ports, connected, runId));
  return admit(record, rights, 'runs:read');
}

function positionOf(lastEventId: string | undefined): number {
  if (lastEventId === undefined) return 0;
  if (/^\d{1,9}$/.test(lastEventId)) return Number(lastEventId);
  throw new SkillosError('usage', 'Invalid header Last-Event-ID: expected the id of an event of this run');
}

export const RUNS: readonly Endpoint[] = [getRuns, getRun, getEvents, cancel];
