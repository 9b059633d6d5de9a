import { readRerun, recordRerun, rerunFields, runToRepeat } from '../../client/rerun.ts';
import { DEFAULT_PAYLOAD } from '../../core/accept-input.ts';
import { SkillosError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { parseSteps } from '../../core/plan-steps.ts';
import { mapPlan, stepsOf } from '../../core/plan.ts';
import type { Plan } from '../../core/plan.ts';
import type { Segment } from '../../core/reading.ts';
import { segmentDocuments } from '../../core/split-document.ts';
import { chosenByCaller, routedDocument, routingDocument } from '../../core/routing-document.ts';
import { parseRunId } from '../../core/run-id.ts';
import type { Routing } from '../../core/routing.ts';
import { splitQuery } from '../../core/segments.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import { endpoint } from '../endpoint.ts';
import type { Call, Endpoint, Reply, ReplyDoc } from '../endpoint.ts';
import { execute } from '../execute.ts';
import { openRouting } from '../routing.ts';
import type { RequestRouting } from '../routing.ts';
import { pipelineRunRequest, rerunRequest, run, runRequest, skillRunRequest } from '../schemas/runs.ts';
import type { RunRequest } from '../schemas/runs.ts';
import { skillIn, skillPaths } from '../skill-path.ts';

const RUN_REPLIES: Readonly<Record<number, ReplyDoc>> = {
  200: { description: 'The run has ended, or nothing was to be run; `status` says how.', schema: run },
  202: { description: 'The run goes on, or waits for people; `Location` says where to look.', schema: run },
  403: { description: 'Refused, or the run was blocked by a policy.', schema: run },
  429: { description: 'Too many requests, or over the budget.', schema: run },
  503: { description: 'Something needed is away, or the skill’s circuit is open.', schema: run },
};

const RUN_HEADERS = {
  'Idempotency-Key': 'The same request again under this key is answered with its first run.',
  'X-Approval-Token': 'Proves the decision of `approval`, where a token is configured.',
};

const postRun = endpoint({
  method: 'POST',
  path: '/run',
  id: 'run',
  tag: 'Runs',
  summary: 'Route a query to a skill, and run it where `execute` is true',
  access: 'caller',
  body: runRequest,
  headers: RUN_HEADERS,
  replies: RUN_REPLIES,
  handle: async (call) => {
    const { body } = call;
    if (body.skill !== undefined && body.mode !== 'single') {
      throw new SkillosError('request_invalid', 'Expected one of skill and mode');
    }
    const routing = await openRouting(call);
    const asked = { call, routing, decision: {} };
    if (body.skill !== undefined) return runWhole(asked, chosenByCaller(parseSkillId(body.skill)));
    if (body.mode === 'single') return runWhole(asked, await routing.route(body.query));
    const { plan, reasons } = await splitQuery(body.query, body.mode, routing.route);
    const split = {
      ...asked,
      decision: { mode: body.mode, decision: { kind: plan?.kind ?? 'whole', reasons } },
    };
    return plan === undefined ? runWhole(split, await routing.route(body.query)) : runParts(split, plan);
  },
});

interface Asked {
  readonly call: Call<unknown, RunRequest>;
  readonly routing: RequestRouting;
  /** Fields of the document that tell how the query was split. */
  readonly decision: JsonObject;
}

async function runWhole({ call, routing, decision }: Asked, found: Routing): Promise<Reply> {
  const { body } = call;
  routing.tell([found]);
  if (!(body.execute || body.dry_run) || found.status !== 'routed') {
    return { json: { ...routedDocument(found), ...decision } };
  }
  return execute(call, {
    plan: { kind: 'step', step: { skill: found.skill } },
    payload: given(body.payload, body.query),
    query: body.query,
    operation: 'run',
    document: { ...decision, routing: routingDocument(found) },
  });
}

async function runParts({ call, routing, decision }: Asked, plan: Plan<Segment>): Promise<Reply> {
  const { body } = call;
  const { payload } = body;
  routing.tell(stepsOf(plan).map((part) => part.routing));
  const segments = segmentDocuments(plan);
  if (!(body.execute || body.dry_run)) {
    return { json: { schema: 'skillos.run/v1', status: 'routed', ...decision, steps: segments } };
  }
  return execute(call, {
    plan: mapPlan(plan, ({ skill, text }) =>
      payload === undefined ? { skill, payload: { value: text } } : { skill },
    ),
    payload: given(payload, body.query),
    query: body.query,
    operation: 'run',
    document: { ...decision, segments },
  });
}

/** `null` is a payload too. */
function given(payload: JsonValue | undefined, otherwise: string): JsonValue {
  return payload === undefined ? otherwise : payload;
}

const runSkill = endpoint({
  method: 'POST',
  ...skillPaths('/run'),
  id: 'runSkill',
  tag: 'Runs',
  summary: 'Run one skill by its id',
  access: 'caller',
  body: skillRunRequest,
  headers: RUN_HEADERS,
  replies: RUN_REPLIES,
  handle: async (call) =>
    execute(call, {
      plan: { kind: 'step', step: { skill: skillIn(call.params) } },
      payload: given(call.body.payload, DEFAULT_PAYLOAD),
      operation: 'run-skill',
    }),
});

const runPipeline = endpoint({
  method: 'POST',
  path: '/pipelines/run',
  id: 'runPipeline',
  tag: 'Runs',
  summary: 'Run skills one after another, and some of them at once',
  access: 'caller',
  body: pipelineRunRequest,
  headers: RUN_HEADERS,
  replies: RUN_REPLIES,
  handle: async (call) =>
    execute(call, {
      plan: parseSteps(call.body.steps.map((step) => [step].flat().join('|'))),
      payload: given(call.body.payload, DEFAULT_PAYLOAD),
      operation: 'pipeline run',
    }),
});

const rerun = endpoint({
  method: 'POST',
  path: '/runs/:run/rerun',
  id: 'rerun',
  tag: 'Runs',
  summary: 'Repeat a run that has ended, all of it or from a step on, as a new run',
  access: 'caller',
  body: rerunRequest,
  headers: RUN_HEADERS,
  replies: RUN_REPLIES,
  handle: async (call) => {
    const { body, services } = call;
    const { ports, temporal } = services;
    const runId = parseRunId(call.params['run'] ?? '');
    const actor = await call.actor(body.role);
    const run = await runToRepeat(ports, actor, runId);
    const set = Object.entries(body.set).map(([step, value]) => ({ step, value }));
    const from = body.from === undefined ? undefined : String(body.from);
    const read = { runId, from, set, latest: body.latest };
    const repeated = await temporal.use((connected) => readRerun(ports, connected, read));
    const { plan, payload, ...taken } = repeated.ask;
    return execute(call, {
      plan,
      payload: body.payload === undefined ? payload : body.payload,
      operation: 'runs rerun',
      repeated: taken,
      document: rerunFields(runId, repeated),
      onStarted: (started) => recordRerun(ports, actor, { run, origin: taken.origin, runId: started }),
    });
  },
});

export const RUN: readonly Endpoint[] = [postRun, runSkill, runPipeline, rerun];
