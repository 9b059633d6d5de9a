/** Golden queries: queries with expected skills. */
import * as z from 'zod';
import { SkillosError } from '../errors/errors.ts';
import { isSkillId, parseSkillId } from '../values/skill-id.ts';
import type { SkillId } from '../values/skill-id.ts';

export interface GoldenQuery {
  readonly query: string;
  /** null if the router should abstain. */
  readonly expected: SkillId | null;
}

const EXPECTED_ID = 'expected a skill id such as domain/name, or null';
const goldenItem = z.object(
  {
    query: z.string('expected a text').regex(/\S/, 'expected a query, got an empty text'),
    expected_skill_id: z
      .string(EXPECTED_ID)
      .refine(isSkillId, { error: EXPECTED_ID })
      .transform(parseSkillId)
      .nullable(),
  },
  'expected an object with query and expected_skill_id',
);

/** Other fields of an item, such as an id, are ignored. */
const goldenFile = z.union([z.array(z.unknown()), z.object({ golden: z.array(z.unknown()) })]);

/** Parses `[{query, expected_skill_id}]` or `{golden: […]}`. Throws `golden_invalid` with item (from 1) and field. */
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
  const issue = item.error.issues[0] as z.core.$ZodIssue; // a failed parse has at least one issue
  const field = issue.path.join('.');
  const place = field === '' ? `item ${position}` : `item ${position}, field "${field}"`;
  throw new SkillosError('golden_invalid', `Invalid golden file: ${place}: ${issue.message}`, {
    details: { item: position, field },
  });
}
