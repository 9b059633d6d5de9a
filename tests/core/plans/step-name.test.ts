import { stepNumber } from '../../../core/plans/step-name.ts';

const STEPS = [
  { number: 1, skill: 'travel/find' },
  { number: 2, skill: 'travel/book' },
  { number: 3, skill: 'travel/find' },
];

describe('stepNumber', () => {
  test.each([
    ['1', 1],
    ['3', 3],
    ['travel/book', 2],
    ['travel.book', 2],
  ])('takes %j', (name, expected) => {
    expect(stepNumber(STEPS, name)).toBe(expected);
  });

  test.each([
    ['0', 'Unknown step "0": the plan has steps 1 to 3'],
    ['4', 'Unknown step "4": the plan has steps 1 to 3'],
    ['99999999999999999999', 'Unknown step "99999999999999999999": the plan has steps 1 to 3'],
    ['travel/find', 'Unknown step "travel/find": steps 1, 3 run that skill; name one by its number'],
    ['travel/pay', 'Unknown step "travel/pay": no step runs that skill'],
    ['', 'Unknown step "": the plan has steps 1 to 3; expected a number or a skill id'],
    ['-1', 'Unknown step "-1": the plan has steps 1 to 3; expected a number or a skill id'],
  ])('refuses %j', (name, message) => {
    expect(() => stepNumber(STEPS, name)).toThrow(expect.objectContaining({ code: 'unknown_step', message }));
  });

  test('names the single step of a plan', () => {
    expect(() => stepNumber(STEPS.slice(0, 1), '2')).toThrow('Unknown step "2": the plan has one step');
  });
});
