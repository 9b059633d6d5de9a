import { codeName, contentText, readContent, shortId } from '../../../core/deployments/content.ts';
import { aSkill } from '../../support/builders.ts';

const HASH = 'a'.repeat(64);
const CONTENT = {
  format: 1,
  files: { 'metadata/a/b.yaml': 'id: a/b\n', 'implementations/a/b.bin': { base64: '/w==' } },
  code: { 'a/b': HASH, 'a/b@v1': HASH },
} as const;

test('reads what it has written, in any order of its parts', () => {
  const text = contentText(CONTENT);
  expect(readContent(HASH, text)).toEqual(CONTENT);
  const { code, files, format } = CONTENT;
  expect(contentText({ code, files, format })).toBe(text);
});

test.each([
  ['no JSON', '{'],
  ['another format', '{"format":2,"files":{},"code":{}}'],
  ['code without a hash', '{"format":1,"files":{},"code":{"a/b":"x"}}'],
  ['a further field', '{"format":1,"files":{},"code":{},"secrets":{}}'],
])('refuses %s', (_what, text) => {
  expect(() => readContent(HASH, text)).toThrow(
    expect.objectContaining({
      code: 'state_corrupt',
      message: 'Deployment "aaaaaaaaaaaa" is not readable',
    }),
  );
});

test('names the code of skills and variants', () => {
  expect(codeName(aSkill('a/b'))).toBe('a/b');
  expect(codeName({ ...aSkill('a/b'), variant: 'v1' })).toBe('a/b@v1');
  expect(shortId(HASH)).toBe('aaaaaaaaaaaa');
});
