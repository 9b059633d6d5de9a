/** Turns a query with several instructions into a plan: one step, a parallel group, or a sequence, with a score. */
import { connectivesOf } from './connectives.ts';
import type { Connective, ConnectiveKind } from './connectives.ts';
import { bestSegmentation } from './segmentation.ts';
import type { Segmentation, Neighbours } from './segmentation.ts';
import { parallelOf, sequenceOf } from '../plans/plan-steps.ts';
import { stepsOf } from '../plans/plan.ts';
import type { Plan } from '../plans/plan.ts';
import type { Routing } from '../routing/routing.ts';
import type { SkillId } from '../values/skill-id.ts';
import { analyse } from '../routing/text.ts';

/** A part of a query that routes to a skill of its own. */
export interface Segment {
  readonly text: string;
  readonly skill: SkillId;
  readonly routing: Routing;
}

/**
 * Factor of a split at each kind of connective. Chosen by hand against skills/split_queries (run by
 * tests/skills/split_queries.test.ts), which passes for any value near these. Each is above 1: with 1 a query that
 * routes with confidence 1 as a whole would never be split.
 */
const STRENGTH: Readonly<Record<ConnectiveKind, number>> = {
  next: 2,
  after: 1.3,
  before: 1.3,
  and: 1.15,
  list: 1.1,
};

/** An introduction such as "first", which is removed before routing. */
const SEQUENCE_OPENER = /^(?:first(?:ly| of all)?|сначала|сперва|спочатку|спершу|zuerst|zunächst)[\s,:]+/iu;

/** One possible meaning of a text. */
export interface Interpretation {
  readonly plan: Plan<Segment>;
  /** Product of the parts' routing confidences and the factors of the connectives. */
  readonly score: number;
  readonly reasons: readonly string[];
}

export interface SplitContext {
  /** Kinds of connectives at which the query may be split. */
  readonly kinds: readonly ConnectiveKind[];
  readonly route: (text: string) => Promise<Routing>;
}

/** Interprets a text as clauses that run one after another. */
export async function interpretSequence(
  text: string,
  context: SplitContext,
): Promise<Interpretation | undefined> {
  const boundaries = boundariesIn(text, context).filter((boundary) => !isUnordered(boundary));
  const segmentation = await bestSegmentation({
    text,
    boundaries,
    interpret: (clause) =>
      interpretClause(clause === text ? clause : clause.replace(SEQUENCE_OPENER, ''), context),
    scoreBoundary: async ({ left, boundary, right }) =>
      isOneSkill(left, right) ? 0 : STRENGTH[boundary.kind],
  });
  if (segmentation === undefined) return undefined;
  return {
    plan: sequenceOf(
      executionOrder(segmentation).flatMap(({ plan }) => (plan.kind === 'sequence' ? plan.plans : [plan])),
    ),
    score: segmentation.score,
    reasons: reasonsFor(segmentation),
  };
}

/** Orders the clauses as they run: in "a after b", b runs directly before a. */
function executionOrder({
  parts,
  boundaries,
}: Segmentation<Interpretation, Connective>): readonly Interpretation[] {
  const ordered: Interpretation[] = [];
  for (const [index, part] of parts.entries()) {
    const isEarlier = boundaries[index - 1]?.kind === 'after';
    const at = isEarlier ? ordered.indexOf(parts[index - 1] as Interpretation) : ordered.length;
    ordered.splice(at, 0, part);
  }
  return ordered;
}

/** Interprets one clause. "After a, b" is never a parallel group, whichever mode was chosen. */
async function interpretClause(text: string, context: SplitContext): Promise<Interpretation | undefined> {
  const [opener, ...others] = connectivesOf(text);
  if (opener === undefined || opener.start > 0 || !(opener.kind === 'after' || opener.kind === 'before')) {
    return interpretGroup(text, context);
  }
  if (!context.kinds.includes(opener.kind)) return interpretInstruction(text, context);
  const commas = others.filter(({ kind }) => kind === 'list');
  return (await interpretInverted(text, { opener, commas }, context)) ?? interpretGroup(text, context);
}

/** Interprets `after a, b` and `before b, a`, split at the first comma with a routed instruction on both sides. */
async function interpretInverted(
  text: string,
  { opener, commas }: { readonly opener: Connective; readonly commas: readonly Connective[] },
  context: SplitContext,
): Promise<Interpretation | undefined> {
  for (const comma of commas) {
    const left = await interpretGroup(text.slice(opener.end, comma.start), context);
    const right = await interpretGroup(text.slice(comma.end), context);
    if (left === undefined || right === undefined || isOneSkill(left, right)) continue;
    const [first, second] = opener.kind === 'after' ? [left, right] : [right, left];
    return {
      plan: sequenceOf([first.plan, second.plan]),
      score: left.score * STRENGTH[opener.kind] * right.score,
      reasons: [...left.reasons, ...right.reasons, before(opener, first, second)],
    };
  }
  return undefined;
}

/** Interprets a text as instructions that run in parallel. */
async function interpretGroup(text: string, context: SplitContext): Promise<Interpretation | undefined> {
  const segmentation = await bestSegmentation({
    text,
    boundaries: boundariesIn(text, context).filter(isUnordered),
    interpret: (order) => interpretInstruction(order, context),
    scoreBoundary: (neighbours) => scoreInGroup(neighbours, context),
  });
  if (segmentation === undefined) return undefined;
  return {
    plan: parallelOf(segmentation.parts.map(({ plan }) => plan)),
    score: segmentation.score,
    reasons: reasonsFor(segmentation),
  };
}

async function interpretInstruction(
  text: string,
  { route }: SplitContext,
): Promise<Interpretation | undefined> {
  const routing = await route(text);
  if (routing.status !== 'routed') return undefined;
  const step = { text, skill: routing.skill, routing };
  return { plan: { kind: 'step', step }, score: routing.confidence, reasons: [] };
}

/**
 * Returns 0 if both sides route to one skill, or their joined text to a third skill ("backup and restore"). If the
 * right side has no verb of its own ("delete records and users"), it must route to the same skill with the first word
 * of the left side put before it.
 */
async function scoreInGroup(
  { left, boundary, right, joined }: Neighbours<Interpretation, Connective>,
  { route }: SplitContext,
): Promise<number> {
  if (isOneSkill(left, right)) return 0;
  const [one] = stepsOf(left.plan) as [Segment]; // the parts of a group are single steps
  const [other] = stepsOf(right.plan) as [Segment];
  const together = await route(joined);
  if (together.status === 'routed' && together.skill !== one.skill && together.skill !== other.skill)
    return 0;
  const [head] = analyse(one.text).terms;
  if (head === undefined || analyse(other.text).terms.some(({ stem }) => stem === head.stem)) {
    return STRENGTH[boundary.kind];
  }
  const shared = await route(`${head.word} ${other.text}`);
  if (shared.status !== 'routed' || shared.skill !== other.skill) return 0;
  return STRENGTH[boundary.kind] * Math.min(1, shared.confidence / right.score);
}

/** Returns the connectives of the allowed kinds with text on both sides. */
export function boundariesIn(text: string, { kinds }: SplitContext): readonly Connective[] {
  return connectivesOf(text).filter(
    ({ kind, start, end }) => kinds.includes(kind) && start > 0 && end < text.length,
  );
}

function isUnordered({ kind }: Connective): boolean {
  return kind === 'and' || kind === 'list';
}

function isOneSkill({ plan: left }: Interpretation, { plan: right }: Interpretation): boolean {
  return left.kind === 'step' && right.kind === 'step' && left.step.skill === right.step.skill;
}

function reasonsFor({ parts, boundaries }: Segmentation<Interpretation, Connective>): readonly string[] {
  const own = boundaries.map((boundary, index) => {
    const [left, right] = parts.slice(index) as [Interpretation, Interpretation]; // one more part than boundaries
    if (isUnordered(boundary)) return `"${boundary.word}" joins ${skillsOf(left)} and ${skillsOf(right)}`;
    return boundary.kind === 'after' ? before(boundary, right, left) : before(boundary, left, right);
  });
  return [...parts.flatMap(({ reasons }) => reasons), ...own];
}

function before({ word }: Connective, first: Interpretation, second: Interpretation): string {
  return `"${word}" puts ${skillsOf(first)} before ${skillsOf(second)}`;
}

function skillsOf({ plan }: Interpretation): string {
  return stepsOf(plan)
    .map(({ skill }) => skill)
    .join(' and ');
}
