import { run } from '../../skills/implementations/admin/list_users.ts';

const idsFor = (query: string) => run({ query }).users.map(({ id }) => id);

describe('admin/list_users', () => {
  test('lists all users where nothing narrows them', () => {
    expect(run({ query: 'List users' }).total).toBe(10);
    expect(run({}).total).toBe(10);
  });

  test.each([
    ['Who has administrator access?', ['u-01', 'u-04']],
    ['Кто из пользователей администратор', ['u-01', 'u-04']],
    ['disabled accounts', ['u-05', 'u-07']],
    ['заблоковані редактори', ['u-05']],
    ['aktive Leser', ['u-03', 'u-06', 'u-09']],
    ['find user Eva Novak', ['u-05']],
    ['invited editors', []],
  ])('understands %j', (query, ids) => {
    expect(idsFor(query)).toEqual(ids);
  });

  test('named fields go before what the query says', () => {
    expect(run({ query: 'disabled editors', status: 'active' }).users.map(({ id }) => id)).toEqual([
      'u-02',
      'u-08',
    ]);
  });
});
