/**
 * The one way into a run: find the plan, check it, preview or start it, wait, decide, and return one outcome.
 *
 * An entrance (a command, an endpoint, later a job, a webhook, a schedule, MCP) is one file that
 *   1. parses what it received into a `Submission`,
 *   2. calls `submit` with the ports of its process,
 *   3. renders the `Outcome`; `outcomeDocument` makes its `skillos.run/v1`.
 * It does not route, start or decide on its own: `tests/e2e/entry-points.test.ts` lists every entrance and finds files
 * that go past this one. `submit` rejects with a `SkillosError` for every mistake in the request, before anything starts.
 */
import { DEFAULT_PAYLOAD } from '../../core/skills/accept-input.ts';
import type { JsonValue } from '../../core/json.ts';
import { mapPlan } from '../../core/plans/plan.ts';
import type { Runnable } from './execute.ts';
import { findPlan } from './find-plan.ts';
import { routedFields } from './outcome-document.ts';
import type { Found, FoundByWords, Outcome, Submission, SubmitHooks, SubmitPorts } from './submission.ts';

export async function submit(
  world: SubmitPorts,
  submission: Submission,
  hooks: SubmitHooks = {},
): Promise<Outcome> {
  const found = await findPlan(world, submission);
  hooks.onFound?.(found);
  const next = await runnableOf(found, submission, hooks);
  if (next.kind === 'found') return next;
  const { execute } = await import('./execute.ts'); // loads Temporal's client
  return execute(world, submission, next);
}

type Next = Runnable | Extract<Outcome, { readonly kind: 'found' }>;

async function runnableOf(found: Found, submission: Submission, hooks: SubmitHooks): Promise<Next> {
  switch (found.kind) {
    case 'routing':
    case 'parts':
      return isToRun(submission) ? wordsToRun(found, submission, hooks) : { kind: 'found', found };
    case 'named': {
      const payload = await payloadOr(submission, DEFAULT_PAYLOAD);
      return { kind: 'run', plan: found.plan, payload, document: {} };
    }
    case 'rerun': {
      const { run, document, rerun } = found;
      const { plan, payload, ...repeated } = rerun.ask;
      return {
        kind: 'run',
        plan,
        payload: await payloadOr(submission, payload),
        repeated: { run, ...repeated },
        document,
      };
    }
  }
}

function isToRun({ wanted, options }: Submission): boolean {
  return wanted.kind !== 'query' || wanted.isExecuted || options.isDryRun === true;
}

/** Each part of a split query is the payload of its step, unless the caller gave a payload for the first steps. */
async function wordsToRun(
  found: FoundByWords,
  submission: Submission,
  { choose }: SubmitHooks,
): Promise<Next> {
  const { query } = found;
  if (found.kind === 'routing') {
    const { routing } = found;
    const skill = routing.status === 'routed' ? routing.skill : await choose?.(routing);
    if (skill === undefined) return { kind: 'found', found };
    const payload = await payloadOr(submission, query);
    return {
      kind: 'run',
      plan: { kind: 'step', step: { skill } },
      payload,
      query,
      document: routedFields(found),
    };
  }
  const payload = await submission.payload();
  const plan = mapPlan(found.plan, ({ skill, text }) =>
    payload === undefined ? { skill, payload: { value: text } } : { skill },
  );
  return {
    kind: 'run',
    plan,
    payload: payload === undefined ? query : payload,
    query,
    document: routedFields(found),
  };
}

/** Accepts `null` as a payload. */
async function payloadOr({ payload }: Submission, otherwise: JsonValue): Promise<JsonValue> {
  const given = await payload();
  return given === undefined ? otherwise : given;
}
