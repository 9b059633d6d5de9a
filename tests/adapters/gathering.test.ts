import { openGathering } from '../../adapters/gathering.ts';

const numbers = [3, 4, 5];
const member = (group: string, number: number, value = `out ${number}`) => ({
  group,
  number,
  numbers,
  output: { value },
});

describe('openGathering', () => {
  test('tells all outputs in declared order, once the last member is there', () => {
    const gather = openGathering();
    expect(gather(member('a', 5))).toBeUndefined();
    expect(gather(member('a', 3))).toBeUndefined();
    expect(gather(member('a', 4))).toEqual([{ value: 'out 3' }, { value: 'out 4' }, { value: 'out 5' }]);
  });

  test('keeps groups apart', () => {
    const gather = openGathering();
    expect(gather(member('a', 3))).toBeUndefined();
    expect(gather(member('b', 4))).toBeUndefined();
    expect(gather(member('a', 5))).toBeUndefined();
  });

  test('takes the last word of a member that finishes again', () => {
    const gather = openGathering();
    gather(member('a', 3));
    gather(member('a', 3, 'again'));
    gather(member('a', 4));
    expect(gather(member('a', 5))?.[0]).toEqual({ value: 'again' });
  });

  test('forgets groups that never become whole here', () => {
    const gather = openGathering();
    gather(member('first', 3));
    gather(member('first', 4));
    for (let each = 0; each < 1000; each++) gather(member(`other ${each}`, 3));
    expect(gather(member('first', 5))).toBeUndefined();
  });
});
