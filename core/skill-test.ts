/** What testing a skill means: with what it is called, what must come of it, and the report that is kept. */
import { canonicalJson, sha256 } from './digest.ts';
import type { SkillEntry } from './catalog.ts';
import type { JsonValue } from './json.ts';
import { mapPlan, stepsOf } from './plan.ts';
import type { Plan } from './plan.ts';
import type { Recording } from './recording.ts';
import { dotted } from './skill-id.ts';
import type { SkillId } from './skill-id.ts';

/** A skill with the hash of its code and schemas. */
export interface CodedSkill {
  readonly skill: SkillId;
  readonly hash: string;
  readonly entry: SkillEntry;
}

/** What a skill, or a composition, would run. */
export interface SkillContent {
  readonly entry: SkillEntry;
  readonly plan: Plan<CodedSkill>;
  readonly digest: string;
}

export interface TestCase {
  readonly kind: 'example' | 'payload' | 'recording';
  /** For people: the query, or the run. */
  readonly name: string;
  readonly payload: JsonValue;
  /** What is replayed. */
  readonly recording?: Recording;
}

export type TestResult = {
  readonly kind: TestCase['kind'] | 'test file';
  readonly name: string;
  readonly passed: boolean;
  /** Why it failed. */
  readonly message?: string;
};

/** One document per skill and content. */
export interface TestReport {
  readonly skill: SkillId;
  readonly digest: string;
  readonly passed: boolean;
  /** ISO 8601. */
  readonly at: string;
  readonly by: string;
  readonly results: readonly TestResult[];
}

export const TEST_REPORTS = 'test-reports';

/** What a skill gets that says nothing of what it takes; the word the predecessor used. */
const ANY_PAYLOAD = 'ok';

/** Key of the report of one content. */
export function reportKey({ entry, digest }: Pick<SkillContent, 'entry' | 'digest'>): string {
  return `${dotted(entry.id)}.${digest}`;
}

/** The skills in their order, each with the hash of its code and schemas. */
export function contentDigest(plan: Plan<Pick<CodedSkill, 'skill' | 'hash'>>): string {
  return sha256(canonicalJson(mapPlan(plan, ({ skill, hash }) => ({ skill, hash }))));
}

/**
 * A payload that is given stands instead of the examples. What destroys is called with nothing that nobody chose for
 * it, so that there may be no case at all.
 */
export function casesOf(
  content: Pick<SkillContent, 'entry' | 'plan'>,
  recordings: readonly Recording[],
  given?: string,
): readonly TestCase[] {
  const recorded = recordings.map((recording): TestCase => ({
    kind: 'recording',
    name: recording.run,
    payload: recording.input,
    recording,
  }));
  const asked = given === undefined ? examplesOf(content) : [];
  const cases: readonly TestCase[] = [
    ...asked.map((example): TestCase => ({ kind: 'example', name: example, payload: example })),
    ...(given === undefined ? [] : [payloadCase(given)]),
    ...recorded,
  ];
  return cases.length === 0 && !isDestructive(content.plan) ? [payloadCase(ANY_PAYLOAD)] : cases;
}

function payloadCase(payload: string): TestCase {
  return { kind: 'payload', name: payload.length > 60 ? `${payload.slice(0, 57)}...` : payload, payload };
}

/** A composition without examples of its own takes one of the skills that it begins with. */
function examplesOf({ entry, plan }: Pick<SkillContent, 'entry' | 'plan'>): readonly string[] {
  if (isDestructive(plan)) return [];
  if (entry.manifest.examples.length > 0 || entry.composition === undefined) return entry.manifest.examples;
  return firstOf(plan)
    .flatMap((step) => step.entry.manifest.examples)
    .slice(0, 1);
}

function firstOf(plan: Plan<CodedSkill>): readonly CodedSkill[] {
  return stepsOf(plan.kind === 'sequence' ? (plan.plans[0] as Plan<CodedSkill>) : plan);
}

function isDestructive(plan: Plan<CodedSkill>): boolean {
  return stepsOf(plan).some(({ entry }) => entry.manifest.side_effects === 'destructive');
}

/** JSON pointer to the first place where two values differ; `undefined` where they are equal. */
export function differenceAt(expected: JsonValue, actual: JsonValue, pointer = ''): string | undefined {
  if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null) {
    return expected === actual ? undefined : pointer;
  }
  if (Array.isArray(expected) !== Array.isArray(actual)) return pointer;
  const [left, right] = [new Map(Object.entries(expected)), new Map(Object.entries(actual))];
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const inner = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const [a, b] = [left.get(key), right.get(key)];
    const difference = a === undefined || b === undefined ? inner : differenceAt(a, b, inner);
    if (difference !== undefined) return difference;
  }
  return undefined;
}
