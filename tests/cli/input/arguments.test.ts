import { joinDashValues, missingArguments, missingOptions } from '../../../cli/input/arguments.ts';

const DEFINITION = {
  usage: 'skillos run <query>',
  options: [
    { definition: '--payload #0', required: false },
    { definition: '-s,--step #0', required: true },
    { definition: '--execute', required: false },
    { definition: '--wait', required: false },
  ],
};

describe('joinDashValues', () => {
  test.each([
    ['--payload -5', '--payload=-5'],
    ['--payload -- --execute', '--payload=-- --execute'],
    ['--payload --x -s --y', '--payload=--x -s=--y'],
    ['--payload - --execute', '--payload - --execute'],
    ['--payload --payload --execute', '--payload --payload --execute'],
    ['--payload --no-wait', '--payload --no-wait'],
    ['--payload --payload=x', '--payload --payload=x'],
    ['--payload', '--payload'],
    ['--payload x -5', '--payload x -5'],
    ['--execute -5', '--execute -5'],
    ['a -- --payload -5', 'a -- --payload -5'],
  ])('%s becomes %s', (given, joined) => {
    expect(joinDashValues(given.split(' '), DEFINITION).join(' ')).toBe(joined);
  });
});

describe('missingArguments', () => {
  test.each([
    [['run'], ['<query>']],
    [['run', '--payload', 'x'], ['<query>']],
    [['run', 'x', '--execute'], []],
    [['run', 'x', 'y'], []],
  ])('in %j: %j', (argv, missing) => {
    expect(missingArguments(argv, 'run', DEFINITION)).toEqual(missing);
  });
});

describe('missingOptions', () => {
  test.each([
    [['run'], ['--step']],
    [['run', '-s', 'x'], []],
    [['run', '--step=x'], []],
  ])('in %j: %j', (argv, missing) => {
    expect(missingOptions(argv, DEFINITION)).toEqual(missing);
  });
});
