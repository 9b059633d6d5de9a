/** A request as orders: one, some beside one another, or one after another, and how likely it is meant so. */
import { connectivesOf } from './connectives.ts';
import type { Connective, ConnectiveKind } from './connectives.ts';
import { bestCut } from './cut.ts';
import type { Cut, Neighbours } from './cut.ts';
import { atOnce, inOrder } from './plan-steps.ts';
import { stepsOf } from './plan.ts';
import type { Plan } from './plan.ts';
import type { Routing } from './routing.ts';
import type { SkillId } from './skill-id.ts';
import { analyse } from './text.ts';

/** A part of a query that is an order of its own. */
export interface Segment {
  readonly text: string;
  readonly skill: SkillId;
  readonly routing: Routing;
}

/**
 * How much a connective speaks for a split: fitted on the split queries of the tests, where any value near does as
 * well. Above 1, or whatever is certain as a whole would never be split.
 */
const STRENGTH: Readonly<Record<ConnectiveKind, number>> = {
  next: 2,
  after: 1.3,
  before: 1.3,
  and: 1.15,
  list: 1.1,
};

/** Says that more will follow, and is no part of the order. */
const OPENER = /^(?:first(?:ly| of all)?|сначала|сперва|спочатку|спершу|zuerst|zunächst)[\s,:]+/iu;

/** A way to take a text. */
export interface Reading {
  readonly plan: Plan<Segment>;
  /** How likely all of its parts are meant, and what the connectives add. */
  readonly weight: number;
  readonly reasons: readonly string[];
}

export interface Reader {
  /** The connectives that may split. */
  readonly kinds: readonly ConnectiveKind[];
  readonly route: (text: string) => Promise<Routing>;
}

/** Clauses one after another. */
export async function readSequence(text: string, reader: Reader): Promise<Reading | undefined> {
  const joints = jointsOf(text, reader).filter((joint) => !isInNoOrder(joint));
  const cut = await bestCut({
    text,
    joints,
    read: (clause) => readClause(clause === text ? clause : clause.replace(OPENER, ''), reader),
    bond: async ({ left, joint, right }) => (isOneSkill(left, right) ? 0 : STRENGTH[joint.kind]),
  });
  if (cut === undefined) return undefined;
  return {
    plan: inOrder(runningOrder(cut).flatMap(({ plan }) => (plan.kind === 'sequence' ? plan.plans : [plan]))),
    weight: cut.weight,
    reasons: reasonsFor(cut),
  };
}

/** What is said to come after something runs right behind that. */
function runningOrder({ pieces, joints }: Cut<Reading, Connective>): readonly Reading[] {
  const ordered: Reading[] = [];
  for (const [index, piece] of pieces.entries()) {
    const isEarlier = joints[index - 1]?.kind === 'after';
    const at = isEarlier ? ordered.indexOf(pieces[index - 1] as Reading) : ordered.length;
    ordered.splice(at, 0, piece);
  }
  return ordered;
}

/** Whoever says "after a, b" never means both at once, whatever the mode. */
async function readClause(text: string, reader: Reader): Promise<Reading | undefined> {
  const [opener, ...others] = connectivesOf(text);
  if (opener === undefined || opener.start > 0 || !(opener.kind === 'after' || opener.kind === 'before')) {
    return readGroup(text, reader);
  }
  if (!reader.kinds.includes(opener.kind)) return readOrder(text, reader);
  const commas = others.filter(({ kind }) => kind === 'list');
  return (await readInverted(text, { opener, commas }, reader)) ?? readGroup(text, reader);
}

/** `After a, b` and `before b, a`: the comma is the first with an order on both sides. */
async function readInverted(
  text: string,
  { opener, commas }: { readonly opener: Connective; readonly commas: readonly Connective[] },
  reader: Reader,
): Promise<Reading | undefined> {
  for (const comma of commas) {
    const left = await readGroup(text.slice(opener.end, comma.start), reader);
    const right = await readGroup(text.slice(comma.end), reader);
    if (left === undefined || right === undefined || isOneSkill(left, right)) continue;
    const [first, second] = opener.kind === 'after' ? [left, right] : [right, left];
    return {
      plan: inOrder([first.plan, second.plan]),
      weight: left.weight * STRENGTH[opener.kind] * right.weight,
      reasons: [...left.reasons, ...right.reasons, before(opener, first, second)],
    };
  }
  return undefined;
}

/** Orders beside one another. */
async function readGroup(text: string, reader: Reader): Promise<Reading | undefined> {
  const cut = await bestCut({
    text,
    joints: jointsOf(text, reader).filter(isInNoOrder),
    read: (order) => readOrder(order, reader),
    bond: (neighbours) => bondInGroup(neighbours, reader),
  });
  if (cut === undefined) return undefined;
  return { plan: atOnce(cut.pieces.map(({ plan }) => plan)), weight: cut.weight, reasons: reasonsFor(cut) };
}

async function readOrder(text: string, { route }: Reader): Promise<Reading | undefined> {
  const routing = await route(text);
  if (routing.status !== 'routed') return undefined;
  const step = { text, skill: routing.skill, routing };
  return { plan: { kind: 'step', step }, weight: routing.confidence, reasons: [] };
}

/**
 * Nothing where both mean one skill, or together a third one: "backup and restore". And where the right begins without
 * a word of its own for what to do, it must mean the same with that of the left: "delete records and users".
 */
async function bondInGroup(
  { left, joint, right, joined }: Neighbours<Reading, Connective>,
  { route }: Reader,
): Promise<number> {
  if (isOneSkill(left, right)) return 0;
  const [one] = stepsOf(left.plan) as [Segment]; // a group is cut into orders
  const [other] = stepsOf(right.plan) as [Segment];
  const together = await route(joined);
  if (together.status === 'routed' && together.skill !== one.skill && together.skill !== other.skill)
    return 0;
  const [head] = analyse(one.text).terms;
  if (head === undefined || analyse(other.text).terms.some(({ stem }) => stem === head.stem)) {
    return STRENGTH[joint.kind];
  }
  const shared = await route(`${head.word} ${other.text}`);
  if (shared.status !== 'routed' || shared.skill !== other.skill) return 0;
  return STRENGTH[joint.kind] * Math.min(1, shared.confidence / right.weight);
}

/** The connectives that have something on both sides. */
export function jointsOf(text: string, { kinds }: Reader): readonly Connective[] {
  return connectivesOf(text).filter(
    ({ kind, start, end }) => kinds.includes(kind) && start > 0 && end < text.length,
  );
}

function isInNoOrder({ kind }: Connective): boolean {
  return kind === 'and' || kind === 'list';
}

function isOneSkill({ plan: left }: Reading, { plan: right }: Reading): boolean {
  return left.kind === 'step' && right.kind === 'step' && left.step.skill === right.step.skill;
}

function reasonsFor({ pieces, joints }: Cut<Reading, Connective>): readonly string[] {
  const own = joints.map((joint, index) => {
    const [left, right] = pieces.slice(index) as [Reading, Reading]; // one more piece than joints
    if (isInNoOrder(joint)) return `"${joint.word}" joins ${skillsOf(left)} and ${skillsOf(right)}`;
    return joint.kind === 'after' ? before(joint, right, left) : before(joint, left, right);
  });
  return [...pieces.flatMap(({ reasons }) => reasons), ...own];
}

function before({ word }: Connective, first: Reading, second: Reading): string {
  return `"${word}" puts ${skillsOf(first)} before ${skillsOf(second)}`;
}

function skillsOf({ plan }: Reading): string {
  return stepsOf(plan)
    .map(({ skill }) => skill)
    .join(' and ');
}
