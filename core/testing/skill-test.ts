/** Tests of skills: cases, results, and the stored report. */
import { canonicalJson, sha256 } from '../values/digest.ts';
import type { SkillEntry } from '../skills/catalog.ts';
import type { JsonValue } from '../json.ts';
import { mapPlan, stepsOf } from '../plans/plan.ts';
import type { Plan } from '../plans/plan.ts';
import type { Recording } from './recording.ts';
import { dotted } from '../values/skill-id.ts';
import type { SkillId } from '../values/skill-id.ts';

/** A skill with the content hash of its bundle. */
export interface CodedSkill {
  readonly skill: SkillId;
  readonly hash: string;
  readonly entry: SkillEntry;
}

/** The content of a skill or composition. */
export interface SkillContent {
  readonly entry: SkillEntry;
  readonly plan: Plan<CodedSkill>;
  readonly digest: string;
}

export interface TestCase {
  readonly kind: 'example' | 'payload' | 'recording';
  /** The query or the run id, for people. */
  readonly name: string;
  readonly payload: JsonValue;
  /** The recording to replay. */
  readonly recording?: Recording;
}

export type TestResult = {
  readonly kind: TestCase['kind'] | 'test file' | 'case';
  readonly name: string;
  readonly passed: boolean;
  /** Reason of the failure, one or more lines. */
  readonly message?: string;
};

/** The stored report; one per skill and content. */
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

/** Payload for a skill without examples and recordings; same as in the predecessor. */
const ANY_PAYLOAD = 'ok';

/** Key of the report. */
export function reportKey({ entry, digest }: Pick<SkillContent, 'entry' | 'digest'>): string {
  return `${dotted(entry.id)}.${digest}`;
}

/** SHA-256 over the plan with the content hash of each skill. */
export function contentDigest(plan: Plan<Pick<CodedSkill, 'skill' | 'hash'>>): string {
  return sha256(canonicalJson(mapPlan(plan, ({ skill, hash }) => ({ skill, hash }))));
}

/**
 * Returns the cases: examples or the given payload, then recordings. A destructive skill is called only with a given
 * payload or a recording, so the list may be empty.
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
  const examples = given === undefined ? examplesOf(content) : [];
  const cases: readonly TestCase[] = [
    ...examples.map((example): TestCase => ({ kind: 'example', name: example, payload: example })),
    ...(given === undefined ? [] : [payloadCase(given)]),
    ...recorded,
  ];
  return cases.length === 0 && !isDestructive(content.plan) ? [payloadCase(ANY_PAYLOAD)] : cases;
}

function payloadCase(payload: string): TestCase {
  return { kind: 'payload', name: payload.length > 60 ? `${payload.slice(0, 57)}...` : payload, payload };
}

/** A composition without examples uses one example of its first skills. */
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

/** True if a step may change something. */
export function hasEffects(plan: Plan<CodedSkill>): boolean {
  return stepsOf(plan).some(({ entry }) => ['write', 'destructive'].includes(entry.manifest.side_effects));
}

function isDestructive(plan: Plan<CodedSkill>): boolean {
  return stepsOf(plan).some(({ entry }) => entry.manifest.side_effects === 'destructive');
}
