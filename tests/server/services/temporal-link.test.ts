import type { Temporal } from '../../../client/temporal/connection.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { openTemporalLink } from '../../../server/services/temporal-link.ts';

/** Connections that only say which they are and whether they were closed. */
function connecting(local: boolean) {
  const closed: number[] = [];
  let made = 0;
  const connect = async () => {
    const number = ++made;
    const close = async () => void closed.push(number);
    const connection = { withDeadline: (_deadline: number, work: () => Promise<unknown>) => work() };
    return { number, target: { local }, client: { connection }, close } as unknown as Temporal;
  };
  return { connect, closed, made: () => made };
}

const numberOf = async (temporal: Temporal) => (temporal as unknown as { readonly number: number }).number;
const away = async () => {
  throw new SkillosError('engine_unreachable', 'Temporal stopped answering');
};

describe('openTemporalLink', () => {
  test('connects at the first need, and once for all', async () => {
    const { connect, made } = connecting(false);
    const link = openTemporalLink(connect);
    expect([link.current(), made()]).toEqual([undefined, 0]);
    expect(await Promise.all([link.use(numberOf), link.use(numberOf)])).toEqual([1, 1]);
    expect(await link.use(numberOf)).toBe(1);
  });

  test('tries again after it could not connect', async () => {
    const { connect } = connecting(false);
    const answers = [away, connect];
    const link = openTemporalLink(async () => (answers.shift() ?? connect)());
    await expect(link.use(numberOf)).rejects.toMatchObject({ code: 'engine_unreachable' });
    expect(await link.use(numberOf)).toBe(1);
  });

  test.each([
    [true, 2],
    [false, 1],
  ])('after a lost answer of an engine that is local (%s) uses connection %i', async (local, next) => {
    const { connect, closed } = connecting(local);
    const link = openTemporalLink(connect);
    await expect(link.use(away)).rejects.toMatchObject({ code: 'engine_unreachable' });
    expect(await link.use(numberOf)).toBe(next);
    expect(closed).toEqual([]);
  });

  test('closes what is open', async () => {
    const { connect, closed } = connecting(false);
    const link = openTemporalLink(connect);
    await link.use(numberOf);
    await link.close();
    expect(closed).toEqual([1]);
  });
});
