import { closingReport } from '../../skills/implementations/finance/close_books.ts';

const account = (month: string, name: string) =>
  closingReport(month).accounts.find(({ account }) => account === name);

describe('closingReport', () => {
  test('sums each account of the month and carries balances forward', () => {
    expect(closingReport('2026-10')).toMatchObject({
      month: '2026-10',
      currency: 'EUR',
      entries: 4,
      debit: '15115.50',
      credit: '15115.50',
    });
    expect(account('2026-10', '1400 Prepaid')).toEqual({
      account: '1400 Prepaid',
      debit: '0.00',
      credit: '240.10',
      balance: '0.00',
    });
    expect(account('2026-09', '1400 Prepaid')).toMatchObject({ debit: '240.10', balance: '240.10' });
    expect(account('2026-08', '1400 Prepaid')).toBeUndefined();
  });

  test.each(['2026-08', '2026-09', '2026-10'])('the balances of %s add up to nothing', (month) => {
    const cents = closingReport(month).accounts.map(({ balance }) => BigInt(balance.replace('.', '')));
    expect(cents.reduce((sum, cent) => sum + cent, 0n)).toBe(0n);
  });

  test('refuses a month with an entry that does not balance, by its id', () => {
    expect(() => closingReport('2026-11')).toThrow('Expected debit to equal credit in "j-1102"');
  });

  test('refuses a month that is not complete yet', () => {
    const lines = [
      { account: '1200 Bank', debit: '1.00', credit: '0.00' },
      { account: '4000 Sales', debit: '0.00', credit: '1.00' },
    ];
    const book = {
      currency: 'EUR',
      complete_until: '2027-01',
      entries: [{ id: 'j-1', date: '2027-02-01', memo: 'Sale', lines }],
    };
    expect(() => closingReport('2027-02', book)).toThrow(
      'Month "2027-02" is still open, expected 2027-01 or earlier',
    );
  });

  test('refuses a month of which the ledger knows nothing', () => {
    expect(() => closingReport('2019-01')).toThrow(
      'Expected a month with entries in the ledger, got "2019-01"',
    );
  });
});
