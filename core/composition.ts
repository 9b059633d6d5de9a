/** Compositions: skills that are made of skills. What their file says, and whether it may run. */
import * as z from 'zod';
import { canonicalJson, sha256 } from './digest.ts';
import type { JsonValue } from './json.ts';
import { stepsOf } from './plan.ts';
import type { AskedStep, Plan } from './plan.ts';
import { atOnce, inOrder } from './plan-steps.ts';
import type { SkillId } from './skill-id.ts';
import { idSchema } from './skill.ts';

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
  /** What was activated. Edited by hand, the file no longer says the same, and is not active until somebody looked. */
  activated: z
    .object({
      digest: z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256'),
      at: z.string(),
      by: z.string(),
    })
    .optional(),
});

/** The file below compositions/, as it stands; fields that SkillOS does not know are kept. */
export type Composition = z.output<typeof compositionSchema>;

/** What one step after another runs: a skill, or several at once. */
export type CompositionSteps = Composition['steps'];

export function planOf(steps: CompositionSteps): Plan<AskedStep> {
  return inOrder(
    steps.map((each) =>
      atOnce((typeof each === 'string' ? [each] : each).map((skill) => ({ kind: 'step', step: { skill } }))),
    ),
  );
}

/** The other way round, for a plan as people type it: a sequence of steps and groups. */
export function compositionSteps(plan: Plan<AskedStep>): CompositionSteps {
  return (plan.kind === 'sequence' ? plan.plans : [plan]).map((each) => {
    const skills = stepsOf(each).map(({ skill }) => skill);
    return each.kind === 'step' ? (skills[0] as SkillId) : skills;
  });
}

/** Of what it does, whatever its version says; a step and a group of one are the same. */
export function compositionDigest({ id, steps }: Pick<Composition, 'id' | 'steps'>): string {
  return sha256(canonicalJson({ id, plan: planOf(steps) } as unknown as JsonValue));
}

/** Whether it may run: it was activated, and says what it said then. */
export function isActive(composition: Composition): boolean {
  return composition.active && composition.activated?.digest === compositionDigest(composition);
}

/** Whether somebody edited it after it was activated, or wrote `active` into it. */
export function isChanged(composition: Composition): boolean {
  return composition.active && !isActive(composition);
}

/** `travel/a → travel/b | travel/c`, one text a step. */
export function stepTexts(steps: CompositionSteps): readonly string[] {
  return steps.map((each) => (typeof each === 'string' ? each : each.join(' | ')));
}

/** Each one patch above the highest there is, so that no number ever means two things. */
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
  return [major as number, minor as number, patch as number]; // as the schema has it
}
