import { parseEnv } from 'node:util';
import * as fc from 'fast-check';
import { assertSecretName, isSecretName, withSecret } from '../../../core/connectors/secrets-file.ts';

const FILE = '# keys\nexport A=\'one\'  # first\n\nB="two\nlines"\nA=old\nC=3';

describe('withSecret', () => {
  test.each([
    ['', 'A', 'x', 'A=x\n'],
    ['B=1', 'A', 'x', 'B=1\nA=x\n'],
    ['A=1\nB=2\n', 'A', 'x y#z', "A='x y#z'\nB=2\n"],
    ['', 'A', "it's", "A=`it's`\n"],
    ['', 'A', "it's `q` 1", 'A="it\'s `q` 1"\n'],
    ['', 'A', 'a\\nb', "A='a\\nb'\n"],
    [FILE, 'A', 'new', '# keys\nA=new\n\nB="two\nlines"\nC=3'],
    [FILE, 'B', 'new', "# keys\nexport A='one'  # first\n\nB=new\nA=old\nC=3"],
    [FILE, 'C', 'new', '# keys\nexport A=\'one\'  # first\n\nB="two\nlines"\nA=old\nC=new\n'],
  ])('in %j sets %s to %j', (text, name, value, expected) => {
    expect(withSecret(text, { name, value }, parseEnv)).toBe(expected);
  });

  test.each(['', '\'"`', 'a\0b', 'a\rb'])('refuses the value %j', (value) => {
    expect(() => withSecret('', { name: 'A', value }, parseEnv)).toThrow(
      expect.objectContaining({ code: 'secret_unstorable' }),
    );
  });

  test('refuses a file in which other entries would change', () => {
    expect(() => withSecret("B='open\n", { name: 'A', value: "it's" }, parseEnv)).toThrow(
      'Cannot set "A" in secrets/.env: other lines of the file would be read differently',
    );
  });

  test('stores what it does not refuse, and changes nothing else', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (value) => {
        let next: string;
        try {
          next = withSecret(FILE, { name: 'KEY', value }, parseEnv);
        } catch {
          return;
        }
        expect(parseEnv(next)).toEqual({ ...parseEnv(FILE), KEY: value });
      }),
    );
  });
});

test.each([
  ['API_KEY', true],
  ['api.key-2', true],
  ['2ND', false],
  ['API KEY', false],
  ['', false],
  ['A=B', false],
  ['SKILLOS_SERVER_KEY', false],
  ['TEMPORAL_API_KEY', false],
])('%j may be a name: %j', (name, expected) => {
  expect(isSecretName(name)).toBe(expected);
  const check = () => assertSecretName(name);
  if (expected) expect(check).not.toThrow();
  else expect(check).toThrow(expect.objectContaining({ code: 'usage' }));
});
