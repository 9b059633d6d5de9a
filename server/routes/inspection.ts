/** Endpoints that explain runs, as the commands of the same names do. */
import { listAudit } from '../../client/audit/audit.ts';
import { compareRuns, diffDocument, runsToCompare } from '../../client/runs/compare-runs.ts';
import { readTrace } from '../../client/runs/read-trace.ts';
import { readRunLog } from '../../client/runs/run-log.ts';
import { openRun } from '../../client/runs/run-records.ts';
import { whyDocument, whyRun } from '../../client/runs/why.ts';
import type { JsonObject } from '../../core/json.ts';
import { traceDocument } from '../../core/runs/trace-document.ts';
import { parseRunId } from '../../core/values/run-id.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { endpoint } from '../http/endpoint.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { sinceIn } from '../http/since.ts';
import { auditPage, auditQuery, logPage, logQuery, runDiff, trace, why } from '../schemas/inspection.ts';

const getLogs = endpoint({
  method: 'GET',
  path: '/runs/:run/logs',
  id: 'getRunLogs',
  tag: 'Runs',
  summary: 'Show the output of the skills of a run',
  access: 'caller',
  query: logQuery,
  replies: { 200: { description: 'Output of every attempt, in order.', schema: logPage } },
  handle: async ({ params, query: { after }, services: { ports }, rights }) => {
    const ask = { runId: params['run'] ?? '', operation: 'runs:read' } as const;
    const { id } = await openRun(ports, await rights(), ask);
    return { json: { schema: 'skillos.logs/v1', ...(await readRunLog(ports.journal, id, after)) } };
  },
});

const getTrace = endpoint({
  method: 'GET',
  path: '/runs/:run/trace',
  id: 'getRunTrace',
  tag: 'Runs',
  summary: 'Show the steps of a run: inputs, outputs, attempts, pauses, decisions and times',
  access: 'caller',
  replies: { 200: { description: 'The trace, as long as Temporal keeps the history.', schema: trace } },
  handle: async ({ params, services: { ports, temporal }, rights }) => {
    const ask = { runId: params['run'] ?? '', operation: 'runs:read' } as const;
    const { id } = await openRun(ports, await rights(), ask);
    return { json: traceDocument(await temporal.use((connected) => readTrace(ports, connected, id))) };
  },
});

const getWhy = endpoint({
  method: 'GET',
  path: '/runs/:run/why',
  id: 'explainRun',
  tag: 'Runs',
  summary: 'Explain the status of a run, and suggest a command',
  access: 'caller',
  replies: { 200: { description: 'One reason; without Temporal it follows from the record.', schema: why } },
  handle: async ({ params, services: { ports, temporal }, rights }) => {
    const ask = { runId: params['run'] ?? '', rights: await rights() };
    // The connection is that of the server, which stays open.
    const connect = () => temporal.use(async (connected) => ({ ...connected, close: async () => undefined }));
    return { json: whyDocument(await whyRun(ports, connect, ask)) };
  },
});

const getDiff = endpoint({
  method: 'GET',
  path: '/runs/:run/diff/:other',
  id: 'compareRuns',
  tag: 'Runs',
  summary: 'Compare two runs: request, code, inputs, outputs and outcome',
  access: 'caller',
  replies: { 200: { description: 'Differences, and the duration of each step.', schema: runDiff } },
  handle: async ({ params: { run = '', other = '' }, services: { ports, temporal }, rights }) => {
    const runs = await runsToCompare(ports, await rights(), [run, other]);
    const compared = await temporal.use((connected) => compareRuns(ports, connected, runs));
    return { json: diffDocument(runs, compared) };
  },
});

const getAudit = endpoint({
  method: 'GET',
  path: '/audit',
  id: 'listAudit',
  tag: 'Operations',
  summary: 'List audit entries of the caller’s tenant, newest first',
  access: 'caller',
  query: auditQuery,
  replies: { 200: { description: 'Decisions and changes; requires `audit:read`.', schema: auditPage } },
  handle: async ({ query: { action, run, skill, subject, since, limit }, services: { ports }, rights }) => {
    const { items, unreadable } = await listAudit(ports, await rights(), {
      limit,
      ...(action === undefined ? {} : { actions: action }),
      ...(run === undefined ? {} : { run: parseRunId(run) }),
      ...(skill === undefined ? {} : { skill: parseSkillId(skill) }),
      ...(subject === undefined ? {} : { subject }),
      ...(since === undefined ? {} : { since: sinceIn(since, ports.now()) }),
    });
    const entries = items as unknown as readonly JsonObject[]; // their fields are plain JSON
    return { json: { schema: 'skillos.audit/v1', items: entries, unreadable } };
  },
});

export const INSPECTION: readonly Endpoint[] = [getLogs, getTrace, getWhy, getDiff, getAudit];
