/** Finds a step by its number, or by its skill if only one step of the plan runs that skill. */
import { SkillosError } from '../errors/errors.ts';
import { isSkillId, parseSkillId } from '../values/skill-id.ts';

interface NamedStep {
  readonly number: number;
  readonly skill: string;
}

/** Returns the number of the step. Throws `unknown_step` unless exactly one step has the name. */
export function stepNumber(steps: readonly NamedStep[], name: string): number {
  if (/^\d+$/.test(name)) {
    const number = Number(name);
    if (steps.some((step) => step.number === number)) return number;
    throw unknownStep(name, `the plan has ${countOf(steps)}`);
  }
  if (!isSkillId(name))
    throw unknownStep(name, `the plan has ${countOf(steps)}; expected a number or a skill id`);
  const skill = parseSkillId(name);
  const numbers = steps.filter((step) => step.skill === skill).map(({ number }) => number);
  const [number] = numbers;
  if (number === undefined) throw unknownStep(name, 'no step runs that skill');
  if (numbers.length === 1) return number;
  throw unknownStep(name, `steps ${numbers.join(', ')} run that skill; name one by its number`);
}

function unknownStep(name: string, why: string): SkillosError {
  const shown = JSON.stringify(name.slice(0, 200));
  return new SkillosError('unknown_step', `Unknown step ${shown}: ${why}`);
}

function countOf(steps: readonly NamedStep[]): string {
  return steps.length === 1 ? 'one step' : `steps 1 to ${steps.length}`;
}
