import { SkillosError } from '../../core/errors/errors.ts';
import { parseSteps } from '../../core/plans/plan-steps.ts';
import { parseRunId } from '../../core/values/run-id.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { endpoint } from '../http/endpoint.ts';
import type { Endpoint, ReplyDoc } from '../http/endpoint.ts';
import { execute } from '../execute.ts';
import { pipelineRunRequest, rerunRequest, run, runRequest, skillRunRequest } from '../schemas/runs.ts';
import { skillIn, skillPaths } from '../http/skill-path.ts';

const RUN_REPLIES: Readonly<Record<number, ReplyDoc>> = {
  200: { description: 'The run has ended, or only routing was requested; see `status`.', schema: run },
  202: { description: 'The run continues, or waits for people; `Location` is its URL.', schema: run },
  403: { description: 'Refused, or blocked by a policy.', schema: run },
  429: { description: 'Too many requests, or over the budget.', schema: run },
  503: { description: 'A required service is unavailable, or the skill’s circuit is open.', schema: run },
};

const RUN_HEADERS = {
  'Idempotency-Key': 'A repeated request with the same key returns the first run.',
  'X-Approval-Token': 'The approval token for `approval`; required if one is configured.',
};

const postRun = endpoint({
  method: 'POST',
  path: '/run',
  id: 'run',
  tag: 'Runs',
  summary: 'Route a query to a skill, and run it if `execute` is true',
  access: 'caller',
  body: runRequest,
  headers: RUN_HEADERS,
  replies: RUN_REPLIES,
  handle: async (call) => {
    const { query: text, tags, mode, skill, execute: isExecuted } = call.body;
    if (skill !== undefined && mode !== 'single') {
      throw new SkillosError('request_invalid', 'Expected one of skill and mode');
    }
    const chosen = skill === undefined ? {} : { skill: parseSkillId(skill) };
    return execute(call, { kind: 'query', text, tags, mode, isExecuted, ...chosen });
  },
});

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
  handle: (call) => execute(call, { kind: 'skill', skill: skillIn(call.params) }),
});

const runPipeline = endpoint({
  method: 'POST',
  path: '/pipelines/run',
  id: 'runPipeline',
  tag: 'Runs',
  summary: 'Run skills in order, or several at once',
  access: 'caller',
  body: pipelineRunRequest,
  headers: RUN_HEADERS,
  replies: RUN_REPLIES,
  handle: async (call) => {
    const plan = parseSteps(call.body.steps.map((step) => [step].flat().join('|')));
    return execute(call, { kind: 'steps', plan });
  },
});

const rerun = endpoint({
  method: 'POST',
  path: '/runs/:run/rerun',
  id: 'rerun',
  tag: 'Runs',
  summary: 'Repeat a run that has ended, completely or from a step, as a new run',
  access: 'caller',
  body: rerunRequest,
  headers: RUN_HEADERS,
  replies: RUN_REPLIES,
  handle: async (call) => {
    const { from, set, latest } = call.body;
    return execute(call, {
      kind: 'rerun',
      runId: parseRunId(call.params['run'] ?? ''),
      from: from === undefined ? undefined : String(from),
      set: Object.entries(set).map(([step, value]) => ({ step, value })),
      latest,
    });
  },
});

export const RUN: readonly Endpoint[] = [postRun, runSkill, runPipeline, rerun];
