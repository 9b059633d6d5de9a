import { openGroupOutputs } from '../../../activities/fast-path/group-outputs.ts';

const numbers = [3, 4, 5];
const member = (group: string, number: number, value = `out ${number}`) => ({
  group,
  number,
  numbers,
  output: { value },
});

describe('openGroupOutputs', () => {
  test('returns all outputs in declared order, with the last member', () => {
    const groupOutputs = openGroupOutputs();
    expect(groupOutputs(member('a', 5))).toBeUndefined();
    expect(groupOutputs(member('a', 3))).toBeUndefined();
    expect(groupOutputs(member('a', 4))).toEqual([
      { value: 'out 3' },
      { value: 'out 4' },
      { value: 'out 5' },
    ]);
  });

  test('keeps groups apart', () => {
    const groupOutputs = openGroupOutputs();
    expect(groupOutputs(member('a', 3))).toBeUndefined();
    expect(groupOutputs(member('b', 4))).toBeUndefined();
    expect(groupOutputs(member('a', 5))).toBeUndefined();
  });

  test('takes the last word of a member that finishes again', () => {
    const groupOutputs = openGroupOutputs();
    groupOutputs(member('a', 3));
    groupOutputs(member('a', 3, 'again'));
    groupOutputs(member('a', 4));
    expect(groupOutputs(member('a', 5))?.[0]).toEqual({ value: 'again' });
  });

  test('forgets groups that never become whole here', () => {
    const groupOutputs = openGroupOutputs();
    groupOutputs(member('first', 3));
    groupOutputs(member('first', 4));
    for (let each = 0; each < 1000; each++) groupOutputs(member(`other ${each}`, 3));
    expect(groupOutputs(member('first', 5))).toBeUndefined();
  });
});
