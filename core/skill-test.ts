/** What testing a skill came to, kept against the exact content that was tested. */
import { canonicalJson, sha256 } from './digest.ts';
import { mapPlan } from './plan.ts';
import type { Plan } from './plan.ts';
import { dotted } from './skill-id.ts';
import type { SkillId } from './skill-id.ts';

export interface TestCase {
  /** What the skill gets: an example of its manifest, what a caller gave, or the input of a recorded run. */
  readonly kind: 'example' | 'payload' | 'recording' | 'test file';
  /** For people: the query, the run, or the file. */
  readonly name: string;
}

export interface TestResult extends TestCase {
  readonly passed: boolean;
  readonly durationMs: number;
  /** Why it failed. */
  readonly message?: string;
}

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

/** Key of the report of one content. */
export function reportKey(skill: SkillId, digest: string): string {
  return `${dotted(skill)}.${digest}`;
}

/** Of what would run: the skills in their order, each with the hash of its code and schemas. */
export function contentDigest(plan: Plan<{ readonly skill: SkillId; readonly hash: string }>): string {
  const content = mapPlan(plan, ({ skill, hash }) => ({ skill, hash }));
  return sha256(canonicalJson(content));
}
