/** Checks compositions, for `compose-skill` and `validate`. */
import type { Finding, SkillEntry } from './catalog.ts';
import { COMPOSITION_FOLDER, isChanged } from './composition.ts';
import type { Composition } from './composition.ts';
import type { ErrorCode } from '../errors/error-codes.ts';
import { SkillosError } from '../errors/errors.ts';
import { expand } from './expand.ts';
import { mapPlan, stepsOf } from '../plans/plan.ts';
import type { RequestedStep, Plan } from '../plans/plan.ts';
import { mismatchIn } from './schema-compatibility.ts';
import type { SkillId } from '../values/skill-id.ts';

type Skills = ReadonlyMap<SkillId, SkillEntry>;

interface Problem extends Pick<Finding, 'severity' | 'rule' | 'message'> {
  readonly code: ErrorCode;
}

/** Throws the first problem under its error code. */
export function checkComposition(composition: Composition, skills: Skills): void {
  const [problem] = problemsOf(composition, skills);
  if (problem === undefined) return;
  throw new SkillosError(problem.code, `Cannot compose "${composition.id}": ${problem.message}`);
}

/** Returns findings that depend on several files. */
export function reviewCompositions(skills: Skills): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { id: skill, composition } of skills.values()) {
    if (composition === undefined) continue;
    const file = `${COMPOSITION_FOLDER}/${skill}.json`;
    for (const { severity, rule, message } of problemsOf(composition, skills)) {
      findings.push({ severity, rule, message, file, field: 'steps', skill });
    }
    if (isChanged(composition)) findings.push({ ...CHANGED, file, field: 'active', skill });
  }
  return findings;
}

const CHANGED = {
  severity: 'warning',
  rule: 'composition_changed',
  message: 'edited after its activation, so it does not run: test it and activate it again',
} as const;

function problemsOf(composition: Composition, skills: Skills): readonly Problem[] {
  const { id } = composition;
  const entries = new Map<SkillId, Pick<SkillEntry, 'composition'>>(skills).set(id, { composition });
  const whole = expand({ kind: 'step', step: { skill: id } }, entries, { allowsInactive: true });
  if (whole.failure !== undefined) {
    return [{ ...whole.failure, severity: 'error', rule: whole.failure.code }];
  }
  const missing = unknownIn(whole.plan, skills);
  if (missing !== undefined) return [missing];
  const mismatch = mismatchIn(
    mapPlan(whole.plan, ({ skill }) => signatureOf(skills.get(skill) as SkillEntry)),
  );
  return [
    ...deprecatedIn(composition, skills),
    ...(mismatch === undefined
      ? []
      : [
          {
            code: 'composition_invalid',
            severity: 'error',
            rule: 'steps_misfit',
            message: mismatch,
          } as const,
        ]),
  ];
}

function unknownIn(plan: Plan<RequestedStep>, skills: Skills): Problem | undefined {
  const ids = stepsOf(plan).map(({ skill }) => skill);
  const unknown = [...new Set(ids)].filter((id) => !skills.has(id));
  if (unknown.length === 0) return undefined;
  const message = `there is no skill ${unknown.map((id) => `"${id}"`).join(', ')}`;
  return { code: 'unknown_skill', severity: 'error', rule: 'step_unknown', message };
}

function deprecatedIn({ steps }: Composition, skills: Skills): readonly Problem[] {
  return [...new Set(steps.flat())].flatMap((id) => {
    const manifest = skills.get(id)?.manifest;
    if (manifest?.deprecated !== true) return [];
    const instead = manifest.replacement_id ? `; use ${manifest.replacement_id}` : '';
    const message = `"${id}" is deprecated${instead}`;
    return [{ code: 'composition_invalid', severity: 'warning', rule: 'step_deprecated', message }] as const;
  });
}

function signatureOf({ id: name, manifest: { inputs, outputs } }: SkillEntry) {
  return { name, inputs, outputs };
}
