import * as fc from 'fast-check';
import { encodeRoutingIndex } from '../../core/routing-codec.ts';
import { buildRoutingIndex } from '../../core/routing-index.ts';
import type { RoutingDocument } from '../../core/routing-index.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import { aDocument, arbitraryDocuments } from '../support/routing-documents.ts';

function bytesOf(documents: readonly RoutingDocument[]): Buffer {
  return Buffer.from(encodeRoutingIndex(buildRoutingIndex(documents)));
}

describe('buildRoutingIndex', () => {
  test('is the same whatever the order of the documents', () => {
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

  test('lists the skills by id, with what the ranking asks about them', () => {
    const documents = [
      aDocument('b/two', 'Second', { tags: [' Ops ', 'X'] }),
      aDocument('a/one', 'First', { deprecated: true, replacement: parseSkillId('b/two') }),
    ];
    expect(buildRoutingIndex(documents).skills).toEqual([
      { id: 'a/one', tags: [], deprecated: true, replacement: 'b/two' },
      { id: 'b/two', tags: ['ops', 'x'], deprecated: false },
    ]);
  });

  test('holds numbers only, even where fields say nothing', () => {
    const { profileWords, profileGrams } = buildRoutingIndex([aDocument('a/the', '…', { name: '!' })]);
    for (const { values, rarity } of [profileWords, profileGrams]) {
      expect([...values, ...rarity].every(Number.isFinite)).toBe(true);
    }
  });
});
