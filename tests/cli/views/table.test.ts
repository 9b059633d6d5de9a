import { Writable } from 'node:stream';
import { renderTable, tableFor } from '../../../cli/views/table.ts';

const TABLE = {
  head: ['RUN', 'STATUS', 'WHY', 'ABOUT'],
  rows: [
    ['expense.pay-01M8HX9ZECSZRV', 'success', '', 'a text that is long'],
    ['expense.report-01M8HX9ZECSZ', 'error', '', '短い文'],
  ],
};

function shown(columns: number, { isPiped = false, locale = 'C.UTF-8' } = {}, table = TABLE) {
  const stdout = Object.assign(new Writable(), { columns });
  const context = { isPiped, stdout, env: { LANG: locale } };
  return tableFor(context, TABLE, () => table);
}

const WHOLE = [
  'RUN                          STATUS   WHY  ABOUT',
  'expense.pay-01M8HX9ZECSZRV   success       a text that is long',
  'expense.report-01M8HX9ZECSZ  error         短い文',
];

describe('a table', () => {
  test.each([
    ['in a pipe', 10, { isPiped: true }],
    ['on a terminal that is wide enough', 62, {}],
  ])('%s is whole', (_where, columns, options) => {
    expect(shown(columns, options)).toEqual(WHOLE);
  });

  test('on a narrower terminal loses empty columns first', () => {
    expect(shown(61)).toEqual([
      'RUN                          STATUS   ABOUT',
      'expense.pay-01M8HX9ZECSZRV   success  a text that is long',
      'expense.report-01M8HX9ZECSZ  error    短い文',
    ]);
  });

  test('then the ends of its widest cells, but not of the first column', () => {
    expect(shown(46)).toEqual([
      'RUN                          STATUS   ABOUT',
      'expense.pay-01M8HX9ZECSZRV   success  a text …',
      'expense.report-01M8HX9ZECSZ  error    短い文',
    ]);
    expect(shown(46, { locale: 'C' })[1]).toBe('expense.pay-01M8HX9ZECSZRV   success  a tex...');
  });

  test('on a terminal narrower than its first column keeps some of every cell', () => {
    expect(shown(20)[1]).toBe('expense.pay-01M8HX9ZECSZRV   suc…  a t…');
  });

  test('has a compact form', () => {
    const compact = { head: ['RUN'], rows: [['pay-01M8']] };
    expect(shown(61, {}, compact)).toEqual(['RUN', 'pay-01M8']);
    expect(shown(62, {}, compact)).toEqual(WHOLE);
  });

  test('of many rows is as wide as its widest', () => {
    const rows = Array.from({ length: 150_000 }, (_, row) => [String(row), 'ok']);
    expect(renderTable(['ROW', 'STATUS'], rows).slice(0, 2)).toEqual(['ROW     STATUS', '0       ok']);
  });
});
