/** Asks the person at the terminal to choose one of several skills. */
import { createInterface } from 'node:readline/promises';
import type { RoutingCandidate } from '../../core/routing/routing.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import type { CliContext } from '../context.ts';

/** Resolves to undefined if the person chooses none. */
export async function chooseSkill(
  candidates: readonly RoutingCandidate[],
  context: CliContext,
): Promise<SkillId | undefined> {
  context.stderr.write('Not sure which skill is meant:\n');
  for (const [index, { skill, confidence }] of candidates.entries()) {
    context.stderr.write(`  ${index + 1}) ${skill} (${confidence.toFixed(2)})\n`);
  }
  const prompt = createInterface({ input: context.stdin, output: context.stderr });
  try {
    const answer = await prompt.question('Run which one? [1, Enter for none] ');
    return candidates[Number(answer.trim() || 0) - 1]?.skill;
  } finally {
    prompt.close();
  }
}
