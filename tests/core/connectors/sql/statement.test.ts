import { sqliteValues } from '../../../../core/connectors/sql/statement.ts';

describe('sqliteValues', () => {
  test.each([
    ['SELECT 1', [], []],
    ['select a from t where b = ? and c = ?', [1, 'x'], [1, 'x']],
    ['SELECT $1, $2, $1', [true, null], { $1: true, $2: null }],
    ['SELECT \'?\', "?", `?`, [?], ? -- ?\n /* ? */', [7], [7]],
    ["SELECT 'it''s ?', ?", [7], [7]],
    ['-- first\n/* then */ SELECT 1;', [], []],
    ['SELECT 1;; -- done', [], []],
    ['SELECT "größe", größe FROM t', [], []],
    ['SELECT a$1 FROM t', [], []],
  ])('takes %j with %j', (sql, params, values) => {
    expect(sqliteValues(sql, params)).toEqual(values);
  });

  test.each([
    ['SELECT ?', [], 'expected one value for each of the 1 parameters of the statement, got 0'],
    ['SELECT 1', [1], 'expected one value for each of the 0 parameters'],
    ['SELECT $2', [1], 'expected one value for each of the 2 parameters'],
    ['SELECT ?, $1', [1], 'expected either ? or $1'],
    ['SELECT ?1', [1], 'expected ? or $1 as parameters, got "?1"'],
    ['SELECT :name', [1], 'expected ? or $1 as parameters, got ":name"'],
    ['SELECT $name', [1], 'got "$name"'],
    ['SELECT ?', [[1]], 'as value 1'],
    ['SELECT ?', [{ a: 1 }], 'as value 1'],
    ['SELECT 1; SELECT 2', [], 'expected one statement a call'],
    ["SELECT 1; 'x'", [], 'expected one statement a call'],
    ['', [], 'expected a statement that begins with'],
    ['-- nothing', [], 'expected a statement that begins with'],
    ["ATTACH '/etc/passwd' AS x", [], 'expected a statement that begins with'],
    ["/*/ SELECT */ attach 'x' AS y", [], 'expected a statement that begins with'],
    ["VACUUM INTO 'copy'", [], 'expected a statement that begins with'],
    ['PRAGMA journal_mode = WAL', [], 'expected a statement that begins with'],
    ['BEGIN', [], 'expected a statement that begins with'],
    ["'SELECT'", [], 'expected a statement that begins with'],
  ])('refuses %j with %j', (sql, params, message) => {
    const call = () => sqliteValues(sql, params);
    expect(call).toThrow(expect.objectContaining({ code: 'connector_invalid' }) as Error);
    expect(call).toThrow(message);
  });

  test.each(["'", '"', '`', '[', '/*', '?', '-'])('reads a long text of %s at once', (text) => {
    expect(() => sqliteValues(text.repeat(200_000), [])).toThrow('expected a statement');
  });
});
