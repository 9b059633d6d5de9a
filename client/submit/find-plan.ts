/** Finds the plan of a submission: from its query, from its skills, or from the run that it repeats. */
import type { Plan } from '../../core/plans/plan.ts';
import { stepsOf } from '../../core/plans/plan.ts';
import { chosenByCaller } from '../../core/routing/routing-document.ts';
import type { Routing } from '../../core/routing/routing.ts';
import type { Segment } from '../../core/splitting/interpretation.ts';
import { splitQuery } from '../../core/splitting/segments.ts';
import { queryFields } from '../../core/telemetry/events.ts';
import { routingEvents } from '../../core/telemetry/run-events.ts';
import { showSkill } from '../skills/skills.ts';
import { routeCached } from './route.ts';
import type { Found, FoundByWords, Submission, SubmitPorts, Wanted } from './submission.ts';

type Query = Extract<Wanted, { readonly kind: 'query' }>;

export async function findPlan(world: SubmitPorts, submission: Submission): Promise<Found> {
  const { wanted } = submission;
  switch (wanted.kind) {
    case 'query':
      return findByWords(world, submission, wanted);
    case 'skill':
      return { kind: 'named', plan: { kind: 'step', step: { skill: wanted.skill } } };
    case 'steps':
      return { kind: 'named', plan: wanted.plan };
    case 'rerun':
      return findRerun(world, submission.actor, wanted);
  }
}

async function findByWords(world: SubmitPorts, submission: Submission, query: Query): Promise<FoundByWords> {
  const began = performance.now();
  world.emit([{ event: 'request_received', ...queryFields(query.text) }], world.ports.now());
  const read = await readQuery(world, submission, query);
  const ms = performance.now() - began;
  const routings = 'routing' in read ? [read.routing] : stepsOf(read.plan).map(({ routing }) => routing);
  for (const routing of routings) world.emit(routingEvents(routing, Math.round(ms)));
  if (read.kind === 'routing') await reportAnswer(world, submission, { query, routing: read.routing });
  return { ...read, query: query.text, ms };
}

async function reportAnswer(
  world: SubmitPorts,
  { actor }: Submission,
  { query, routing }: { readonly query: Query; readonly routing: Routing },
): Promise<void> {
  const { onAnswered } = await world.routing();
  await onAnswered?.(actor.rights, { query: query.text, routing, isChosen: query.skill !== undefined });
}

type Split = NonNullable<FoundByWords['split']>;
type Read =
  | { readonly kind: 'routing'; readonly routing: Routing; readonly split?: Split }
  | { readonly kind: 'parts'; readonly plan: Plan<Segment>; readonly split: Split };

async function readQuery(world: SubmitPorts, submission: Submission, query: Query): Promise<Read> {
  const { text, mode, skill } = query;
  if (skill !== undefined) {
    const { actor, options } = submission;
    // A run, and its preview, are checked where they are prepared.
    const isRoutedOnly = !query.isExecuted && options.isDryRun !== true;
    if (isRoutedOnly) await showSkill(world.ports.catalogs, actor.rights, skill);
    return { kind: 'routing', routing: chosenByCaller(skill) };
  }
  const route = await openRoute(world, submission, query);
  if (mode === 'single') return { kind: 'routing', routing: await route(text) };
  const { plan, reasons } = await splitQuery(text, mode, route);
  const split = { mode, reasons };
  return plan === undefined
    ? { kind: 'routing', routing: await route(text), split }
    : { kind: 'parts', plan, split };
}

async function openRoute(
  world: SubmitPorts,
  { actor }: Submission,
  { tags }: Query,
): Promise<(text: string) => Promise<Routing>> {
  const { minConfidence, onRouted, feedback, ...routing } = await world.routing();
  const { rights } = actor;
  return async (text) => {
    const began = performance.now();
    const corrections = await feedback?.(rights.tenant);
    const query = { text, tags, minConfidence };
    const found = await routeCached({ ...routing, rights, corrections, query });
    onRouted?.(found.status, (performance.now() - began) / 1000);
    return found;
  };
}

async function findRerun(
  { ports, temporal }: SubmitPorts,
  actor: Submission['actor'],
  wanted: Extract<Wanted, { readonly kind: 'rerun' }>,
): Promise<Found> {
  const { readRerun, rerunFields, runToRepeat } = await import('./rerun.ts'); // loads Temporal's client
  const run = await runToRepeat(ports, actor, wanted.runId);
  const rerun = await temporal.use((connected) => readRerun(ports, connected, { ...wanted, run }));
  return { kind: 'rerun', run, rerun, document: rerunFields(run.id, rerun) };
}
