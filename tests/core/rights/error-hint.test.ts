import { ERROR_CODES } from '../../../core/errors/error-codes.ts';
import { filledHint } from '../../../core/rights/error-hint.ts';

const RUN = 'demo.echo-01KAP3M2Q4V8Z0W6T5R7Y9X1BC';
const OTHER = 'demo.other-01KAP3M2Q4V8Z0W6T5R7Y9X1BD';
const ABOUT_RUNS = Object.values(ERROR_CODES).flatMap(({ remedy }) =>
  /<(run|job)>/.test(remedy) ? [remedy] : [],
);

describe('filledHint', () => {
  test.each(ABOUT_RUNS)('names the run: %s', (remedy) => {
    const hint = filledHint(remedy, { message: 'It failed', words: ['', 'runs', RUN, 'cancel'] });
    expect(hint).toContain(RUN);
    expect(hint).not.toMatch(/<(run|job)>/);
  });

  test('prefers the run that the message names', () => {
    const source = { message: `Run "${OTHER}" has ended`, words: [RUN] };
    expect(filledHint('skillos why <run>', source)).toBe(`skillos why ${OTHER}`);
  });

  test.each([
    ['skillos why <run>', 'It failed', 'skillos why <run>'],
    ['skillos test <id>', 'Skill "a/b" has no tests', 'skillos test a/b'],
    ['skillos test <id>', 'It has no tests', 'skillos test <id>'],
    ['skillos test <id>', 'Skill "a/$&" has no tests', 'skillos test a/$&'],
    ['can-i <action>', 'Skill "a/b" requires the permission x', 'can-i run a/b'],
    ['can-i <action>', 'This requires the permission "audit:read"', 'can-i audit:read'],
  ])('of %j and %j is %j', (hint, message, expected) => {
    expect(filledHint(hint, { message, words: ['skills', 'list'] })).toBe(expected);
  });
});
