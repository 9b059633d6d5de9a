/** Golden queries: requests with the skill each should be routed to. */
import * as z from 'zod';
import { SkillosError } from './errors.ts';
import { isSkillId, parseSkillId } from './skill-id.ts';
import type { SkillId } from './skill-id.ts';

export interface GoldenQuery {
  readonly query: string;
  /** `null` where no skill fits: the router should abstain. */
  readonly expected: SkillId | null;
}

const goldenItem = z.object({
  query: z.string(),
  expected_skill_id: z
    .string()
    .refine(isSkillId, { error: 'expected a skill id such as domain/name' })
    .transform(parseSkillId)
    .nullable(),
});

/** Other fields of an item, such as an id, are let pass. */
const goldenFile = z.union([z.array(z.unknown()), z.object({ golden: z.array(z.unknown()) })]);

/** Reads `[{query, expected_skill_id}]` or `{golden: […]}`; throws `golden_invalid` naming item (from 1) and field. */
export function parseGolden(value: unknown): readonly GoldenQuery[] {
  const file = goldenFile.safeParse(value);
  if (!file.success) {
    throw new SkillosError(
      'golden_invalid',
      'Invalid golden file: expected a list of queries, or an object with one under "golden"',
    );
  }
  const items = Array.isArray(file.data) ? file.data : file.data.golden;
  return items.map((item, index) => parseItem(item, index + 1));
}

function parseItem(value: unknown, position: number): GoldenQuery {
  const item = goldenItem.safeParse(value);
  if (item.success) return { query: item.data.query, expected: item.data.expected_skill_id };
  const issue = item.error.issues[0] as z.core.$ZodIssue; // a refusal has a reason
  const field = issue.path.join('.');
  const place = field === '' ? `item ${position}` : `item ${position}, field "${field}"`;
  throw new SkillosError('golden_invalid', `Invalid golden file: ${place}: ${issue.message}`, {
    details: { item: position, field },
  });
}
