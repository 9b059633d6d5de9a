import { schemaChanges } from '../../../core/skills/exported-schemas.ts';

const TEXT = { type: 'object', properties: { text: { type: 'string' } } };

describe('schemaChanges', () => {
  test.each([
    ['nothing if the code exports none', { inputs: TEXT }, {}, {}],
    [
      'nothing if only the order of names differs',
      { inputs: TEXT },
      { inputs: { properties: TEXT.properties, type: 'object' } },
      {},
    ],
    ['a schema that the manifest lacks', {}, { inputs: TEXT }, { inputs: TEXT }],
    [
      'a schema that differs',
      { inputs: true, outputs: TEXT },
      { inputs: TEXT, outputs: TEXT },
      { inputs: TEXT },
    ],
  ])('returns %s', (_, manifest, exported, expected) => {
    expect(schemaChanges(manifest, exported)).toEqual(expected);
  });
});
