import { globMatcher } from '../../../core/values/glob.ts';

describe('globMatcher', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['admin/*', ['admin/list', 'admin/', 'admin/a/b'], ['admin', 'Admin/list', 'xadmin/list']],
    ['*', ['', 'a', 'a/b'], []],
    ['a/b', ['a/b'], ['a/bc', 'a', 'A/B', '']],
    ['', [''], ['a']],
    ['*/delete_*', ['admin/delete_records', 'a/b/delete_'], ['admin/list', 'delete_records']],
    ['**a**', ['a', 'bab'], ['', 'b']],
    ['a*b*c', ['abc', 'axxbxxbc'], ['ab', 'acb', 'abcd']],
    ['a?c', ['abc', 'a/c', 'a💡c'], ['ac', 'abbc']],
    ['[ab]x', ['ax', 'bx'], ['cx', 'x', 'abx']],
    ['[a-c1-3]', ['a', 'c', '2'], ['d', '0', '-', '']],
    ['[!a-c]', ['d', '!'], ['a', 'c', '']],
    ['[]a]', [']', 'a'], ['b', '[']],
    ['[!]a]', ['b'], [']', 'a']],
    ['[a-]', ['a', '-'], ['b']],
    ['[c-a]', [], ['a', 'b', 'c', '-']],
    ['[abc', ['[abc'], ['a']],
    ['[]', ['[]'], ['[', ']']],
    ['[!]', ['[!]'], ['a']],
    ['a.b+(c)|^$\\', ['a.b+(c)|^$\\'], ['axb', 'a.bb(c)']],
    ['admin:*', ['admin:read', 'admin:*'], ['admin', 'admins:read']],
  ])('%s', (glob, yes, no) => {
    const matches = globMatcher(glob);
    expect(yes.filter((text) => !matches(text))).toEqual([]);
    expect(no.filter(matches)).toEqual([]);
  });

  test('takes no time over a pattern made to take for ever', () => {
    const before = performance.now();
    expect(globMatcher('*a'.repeat(100))('a'.repeat(99) + 'b'.repeat(200))).toBe(false);
    expect(globMatcher(`${'[a-z]*'.repeat(40)}1`)('a'.repeat(250))).toBe(false);
    expect(performance.now() - before).toBeLessThan(100);
  });
});
