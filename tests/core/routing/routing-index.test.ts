import * as fc from 'fast-check';
import { encodeRoutingIndex } from '../../../core/routing/routing-codec.ts';
import { conceptsByStem } from '../../../core/routing/concepts.ts';
import { buildRoutingIndex } from '../../../core/routing/routing-index.ts';
import type { RoutingDocument } from '../../../core/routing/routing-index.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aDocument, arbitraryDocuments } from '../../support/routing-documents.ts';

const CONCEPTS = conceptsByStem();

function bytesOf(documents: readonly RoutingDocument[]): Buffer {
  return Buffer.from(encodeRoutingIndex(buildRoutingIndex(documents, CONCEPTS)));
}

describe('buildRoutingIndex', () => {
  test('is independent of the order of the documents', () => {
    fc.assert(
      fc.property(arbitraryDocuments, fc.infiniteStream(fc.nat()), (documents, randoms) => {
        const shuffled = documents
          .map((document) => ({ document, at: randoms.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ document }) => document);
        expect(bytesOf(shuffled).equals(bytesOf(documents))).toBe(true);
      }),
    );
  });

  test('lists skills by id, with tags and deprecation', () => {
    const documents = [
      aDocument('b/two', 'Second', { tags: [' Ops ', 'X'] }),
      aDocument('a/one', 'First', { deprecated: true, replacement: parseSkillId('b/two') }),
    ];
    expect(buildRoutingIndex(documents, CONCEPTS).skills).toEqual([
      { id: 'a/one', tags: [], deprecated: true, replacement: 'b/two' },
      { id: 'b/two', tags: ['ops', 'x'], deprecated: false },
    ]);
  });

  test('contains finite numbers only, even for empty fields', () => {
    const { profileWords, profileGrams } = buildRoutingIndex([aDocument('a/the', '…', { name: '!' })]);
    for (const { values, rarity } of [profileWords, profileGrams]) {
      expect([...values, ...rarity].every(Number.isFinite)).toBe(true);
    }
  });
});
