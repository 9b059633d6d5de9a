import { endpoint } from '../endpoint.ts';
import type { Endpoint, ReplyDoc } from '../endpoint.ts';
import { execute } from '../execute.ts';
import type { Rights } from '../../core/permission-policy.ts';
import { chosenByCaller, routedDocument, routingDocument } from '../../core/routing-document.ts';
import type { Routing } from '../../core/routing.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import type { Services } from '../services.ts';
import { run, runRequest, skillRunRequest } from '../schemas/runs.ts';
import { skillIn, skillPaths } from '../skill-path.ts';

/** What a skill gets when nobody says; the same word as at the command line. */
const DEFAULT_PAYLOAD = 'ok';

const RUN_REPLIES: Readonly<Record<number, ReplyDoc>> = {
  200: { description: 'The run has ended, or nothing was to be run; `status` says how.', schema: run },
  202: { description: 'The run goes on, or waits for people; `Location` says where to look.', schema: run },
  403: { description: 'Refused, or the run was blocked by a policy.', schema: run },
  429: { description: 'Too many requests, or over the budget.', schema: run },
  503: { description: 'Something needed is away, or the skill’s circuit is open.', schema: run },
};

const postRun = endpoint({
  method: 'POST',
  path: '/run',
  id: 'run',
  tag: 'Runs',
  summary: 'Route a query to a skill, and run it where `execute` is true',
  access: 'caller',
  body: runRequest,
  replies: RUN_REPLIES,
  handle: async ({ body, services, rights: rightsIn, signal }) => {
    const rights = await rightsIn(body.role);
    const routing =
      body.skill === undefined
        ? await route(services, rights, body)
        : chosenByCaller(parseSkillId(body.skill));
    if (!body.execute || routing.status !== 'routed') return { json: routedDocument(routing) };
    const { principal, tenant } = rights;
    return execute(services, {
      ask: {
        plan: { kind: 'step', step: { skill: routing.skill } },
        payload: body.payload ?? body.query,
        principal,
        tenant,
        query: body.query,
        ...(body.max_retries === undefined ? {} : { maxRetries: body.max_retries }),
      },
      waitSeconds: body.wait_seconds,
      signal,
      document: { routing: routingDocument(routing) },
    });
  },
});

async function route(
  services: Services,
  rights: Rights,
  { query: text, tags }: { readonly query: string; readonly tags: readonly string[] },
): Promise<Routing> {
  const began = performance.now();
  const routing = await services.route({ text, tags }, rights);
  services.metrics.routed(routing.status, (performance.now() - began) / 1000);
  return routing;
}

const runSkill = endpoint({
  method: 'POST',
  ...skillPaths('/run'),
  id: 'runSkill',
  tag: 'Runs',
  summary: 'Run one skill by its id',
  access: 'caller',
  body: skillRunRequest,
  replies: RUN_REPLIES,
  handle: async ({ params, body, services, rights, signal }) => {
    const skill = skillIn(params);
    const { principal, tenant } = await rights(body.role);
    return execute(services, {
      ask: {
        plan: { kind: 'step', step: { skill } },
        payload: body.payload ?? DEFAULT_PAYLOAD,
        principal,
        tenant,
        ...(body.max_retries === undefined ? {} : { maxRetries: body.max_retries }),
      },
      waitSeconds: body.wait_seconds,
      signal,
    });
  },
});

export const RUN: readonly Endpoint[] = [postRun, runSkill];
