import { enqueueJob } from '../../client/jobs/enqueue.ts';
import type { JobSubmission } from '../../client/jobs/enqueue.ts';
import { jobToChange, listDeadJobs, listJobs, openJob } from '../../client/jobs/jobs.ts';
import { requeueJob } from '../../client/jobs/requeue.ts';
import { cancelFor } from '../../client/runs/cancel.ts';
import { readRun } from '../../client/runs/read-run.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { jobDocument, jobItem } from '../../core/jobs/job-document.ts';
import { parseJobAsk } from '../../core/jobs/job-terms.ts';
import type { JsonObject } from '../../core/json.ts';
import { parseSteps } from '../../core/plans/plan-steps.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { apiActor, submitPorts } from '../execute.ts';
import { endpoint } from '../http/endpoint.ts';
import type { Endpoint, Reply } from '../http/endpoint.ts';
import { sinceIn } from '../http/since.ts';
import {
  deadQuery,
  job,
  jobCancelled,
  jobChange,
  jobEnqueued,
  jobPage,
  jobQuery,
  jobRequest,
} from '../schemas/jobs.ts';
import type { JobRequest } from '../schemas/jobs.ts';

const FIELDS = { priority: 'priority', delay: 'delay', runAt: 'run_at', expires: 'expires' };

const postJob = endpoint({
  method: 'POST',
  path: '/jobs',
  id: 'enqueueJob',
  tag: 'Jobs',
  summary: 'Enqueue a run of a skill, or of several',
  access: 'caller',
  body: jobRequest,
  headers: { 'Idempotency-Key': 'The same request again under this key is answered with its first job.' },
  replies: {
    202: { description: 'The job is enqueued; `Location` says where to look.', schema: jobEnqueued },
  },
  handle: async (call) => {
    const { body, header, services, runTag } = call;
    const { delay, run_at: runAt, expires, priority } = body;
    const wanted = wantedOf(body);
    const texts = { delay, runAt, expires, priority: String(priority) };
    const actor = await apiActor(call, body.role);
    const { runId, isReplayed } = await enqueueJob(submitPorts(call, actor.rights.tenant), {
      wanted,
      payload: () => Promise.resolve(body.payload),
      actor,
      job: parseJobAsk(texts, FIELDS, services.ports.now()),
      maxRetries: body.max_retries,
      noRollback: !body.rollback,
      idempotencyKey: header('Idempotency-Key'),
      requestId: runTag,
    });
    return enqueued(runId, isReplayed ? { replayed: true } : {});
  },
});

function wantedOf({ skill, steps }: JobRequest): JobSubmission['wanted'] {
  if (skill !== undefined && steps === undefined) return { kind: 'skill', skill: parseSkillId(skill) };
  if (skill !== undefined || steps === undefined) {
    throw new SkillosError('request_invalid', 'Expected one of skill and steps');
  }
  return { kind: 'steps', plan: parseSteps(steps.map((step) => [step].flat().join('|'))) };
}

function enqueued(runId: string, more: JsonObject): Reply {
  return {
    status: 202,
    headers: {
      Location: `/jobs/${runId}`,
      ...('replayed' in more ? { 'Idempotency-Replayed': 'true' } : {}),
    },
    json: { schema: 'skillos.job.enqueued/v1', job_id: runId, status: 'queued', ...more },
  };
}

const getJobs = endpoint({
  method: 'GET',
  path: '/jobs',
  id: 'listJobs',
  tag: 'Jobs',
  summary: 'List jobs, newest first',
  access: 'caller',
  query: jobQuery,
  replies: { 200: { description: 'A page of jobs.', schema: jobPage } },
  handle: async ({ query, services: { ports }, rights }) => {
    const { status, skill, since, limit, after } = query;
    const now = ports.now();
    const found = await listJobs(ports, {
      rights: await rights(),
      limit,
      ...(status === undefined ? {} : { status }),
      ...(skill === undefined ? {} : { skill: parseSkillId(skill) }),
      ...(since === undefined ? {} : { since: sinceIn(since, now) }),
      ...(after === undefined ? {} : { after }),
    });
    return pageReply(found, now);
  },
});

const getDead = endpoint({
  method: 'GET',
  path: '/jobs/dead',
  id: 'listDeadJobs',
  tag: 'Jobs',
  summary: 'List jobs that ended without success and were not requeued, newest first',
  access: 'caller',
  query: deadQuery,
  replies: { 200: { description: 'A page of jobs.', schema: jobPage } },
  handle: async ({ query: { limit, after }, services: { ports }, rights }) => {
    const from = after === undefined ? {} : { after };
    return pageReply(await listDeadJobs(ports, { rights: await rights(), limit, ...from }), ports.now());
  },
});

function pageReply(
  { items, next }: { readonly items: readonly RunRecord[]; readonly next?: string },
  now: number,
): Reply {
  const more = next === undefined ? {} : { next };
  return { json: { schema: 'skillos.jobs/v1', items: items.map((each) => jobItem(each, now)), ...more } };
}

const getJob = endpoint({
  method: 'GET',
  path: '/jobs/:job',
  id: 'getJob',
  tag: 'Jobs',
  summary: 'Show one job: what it waits for, how it ended, its output',
  access: 'caller',
  replies: { 200: { description: 'The job, whatever its status.', schema: job } },
  handle: async ({ params, services: { ports }, rights }) => {
    const { id } = await openJob(ports, await rights(), params['job'] ?? '');
    return { json: jobDocument(await readRun(ports, undefined, id), ports.now()) };
  },
});

const cancel = endpoint({
  method: 'POST',
  path: '/jobs/:job/cancel',
  id: 'cancelJob',
  tag: 'Jobs',
  summary: 'Cancel a job',
  access: 'caller',
  body: jobChange,
  replies: { 202: { description: 'The job has ended, or a worker will end it.', schema: jobCancelled } },
  handle: async ({ params, body, services: { ports, temporal }, actor: actorIn }) => {
    const actor = await actorIn(body.role);
    const run = await jobToChange(ports, actor, params['job'] ?? '');
    const status = await temporal.use((connected) => cancelFor(ports, connected, { actor, run }));
    return { status: 202, json: { schema: 'skillos.job.cancel/v1', job_id: run.id, status } };
  },
});

const requeue = endpoint({
  method: 'POST',
  path: '/jobs/:job/requeue',
  id: 'requeueJob',
  tag: 'Jobs',
  summary: 'Enqueue a job again that ended without success',
  access: 'caller',
  body: jobChange,
  replies: { 202: { description: 'The new job is enqueued.', schema: jobEnqueued } },
  handle: async (call) => {
    const actor = await apiActor(call, call.body.role);
    const record = await jobToChange(call.services.ports, actor, call.params['job'] ?? '');
    const { runId } = await requeueJob(submitPorts(call, actor.rights.tenant), { actor, job: record });
    return enqueued(runId, { requeue_of: record.id });
  },
});

export const JOBS: readonly Endpoint[] = [postJob, getJobs, getDead, getJob, cancel, requeue];
