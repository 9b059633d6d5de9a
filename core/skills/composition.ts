/** Compositions: skills that consist of other skills. Parses their file and decides if it may run. */
import * as z from 'zod';
import { canonicalJson, sha256 } from '../values/digest.ts';
import type { JsonValue } from '../json.ts';
import { SIGNS } from '../plans/plan-title.ts';
import { stepsOf } from '../plans/plan.ts';
import type { RequestedStep, Plan } from '../plans/plan.ts';
import { parallelOf, sequenceOf } from '../plans/plan-steps.ts';
import type { SkillId } from '../values/skill-id.ts';
import { idSchema } from './manifest.ts';

export const COMPOSITION_FOLDER = 'compositions';

const MAX_GROUP = 500;

const step = z.union(
  [idSchema, z.array(idSchema).min(1).max(MAX_GROUP)],
  'expected a skill id or a list of them',
);

export const compositionSchema = z.looseObject({
  id: idSchema,
  steps: z.array(step).min(1).max(MAX_GROUP),
  version: z
    .string()
    .regex(/^(0|[1-9]\d{0,8})(\.(0|[1-9]\d{0,8})){2}$/, 'expected a version such as 0.1.0')
    .default('0.1.0'),
  active: z.boolean().default(false),
  /** The activated content. After an edit the digest differs, and the composition is inactive until it is activated again. */
  activated: z
    .object({
      digest: z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256'),
      at: z.string(),
      by: z.string(),
    })
    .optional(),
});

/** The parsed file below compositions/; unknown fields are kept. */
export type Composition = z.output<typeof compositionSchema>;

/** Steps in order; each is a skill, or a list of skills that run in parallel. */
export type CompositionSteps = Composition['steps'];

export function planOf(steps: CompositionSteps): Plan<RequestedStep> {
  return sequenceOf(
    steps.map((each) =>
      parallelOf(
        (typeof each === 'string' ? [each] : each).map((skill) => ({ kind: 'step', step: { skill } })),
      ),
    ),
  );
}

/** Inverse of `planOf`, for a sequence of steps and groups. */
export function compositionSteps(plan: Plan<RequestedStep>): CompositionSteps {
  return (plan.kind === 'sequence' ? plan.plans : [plan]).map((each) => {
    const skills = stepsOf(each).map(({ skill }) => skill);
    return each.kind === 'step' ? (skills[0] as SkillId) : skills;
  });
}

/** SHA-256 of id and steps, without the version. A group of one skill equals a single step. */
export function compositionDigest({ id, steps }: Pick<Composition, 'id' | 'steps'>): string {
  return sha256(canonicalJson({ id, plan: planOf(steps) } as unknown as JsonValue));
}

/** True if the composition may run: it is activated and its content has not changed since. */
export function isActive(composition: Composition): boolean {
  return composition.active && composition.activated?.digest === compositionDigest(composition);
}

/** True if it was edited after its activation, or `active` was set by hand. */
export function isChanged(composition: Composition): boolean {
  return composition.active && !isActive(composition);
}

/** Returns one text per step; members of a group are joined with ` | `. */
export function stepTexts(steps: CompositionSteps): readonly string[] {
  return steps.map((each) => (typeof each === 'string' ? each : each.join(SIGNS.parallel)));
}

/** Returns the highest version plus one patch, so that a number is never used twice. */
export function nextVersion(versions: readonly string[]): string {
  const [highest] = [...versions].sort(compareVersions).reverse();
  if (highest === undefined) return '0.1.0';
  const [major, minor, patch] = partsOf(highest);
  return `${major}.${minor}.${patch + 1}`;
}

export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}

function partsOf(version: string): readonly [number, number, number] {
  const [major, minor, patch] = version.split('.').map(Number);
  return [major as number, minor as number, patch as number]; // the schema has checked the format
}
