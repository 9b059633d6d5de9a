/** Documents to route to, and arbitrary ones. */
import * as fc from 'fast-check';
import type { RoutingDocument } from '../../core/routing/routing-index.ts';
import { nameOf, parseSkillId } from '../../core/values/skill-id.ts';

export function aDocument(
  id: string,
  description: string,
  more: Partial<RoutingDocument> = {},
): RoutingDocument {
  const skillId = parseSkillId(id);
  const name = nameOf(skillId).replaceAll('_', ' ');
  return { id: skillId, name, description, tags: [], examples: [], ...more };
}

const WORDS = 'list find delete flight hotel record user city money card weather song рейс запись flug'.split(
  ' ',
);
const someWords = fc.array(fc.constantFrom(...WORDS), { maxLength: 6 }).map((words) => words.join(' '));

export const arbitraryQuery = fc.oneof(someWords, fc.string({ unit: 'binary', maxLength: 200 }));

/** Up to twelve documents with different ids, some deprecated. */
export const arbitraryDocuments: fc.Arbitrary<RoutingDocument[]> = fc.uniqueArray(
  fc.record(
    {
      id: fc.stringMatching(/^[a-d]\/[a-d]$/).map(parseSkillId),
      name: fc.oneof(someWords, fc.string()),
      description: fc.oneof(someWords, fc.string({ unit: 'binary' })),
      tags: fc.array(fc.constantFrom('One', 'two', ' three ')),
      examples: fc.array(arbitraryQuery, { maxLength: 4 }),
      deprecated: fc.boolean(),
      replacement: fc.stringMatching(/^[a-d]\/[a-d]$/).map(parseSkillId),
    },
    { requiredKeys: ['id', 'name', 'description', 'tags', 'examples'] },
  ),
  { selector: ({ id }) => id, maxLength: 12 },
);
