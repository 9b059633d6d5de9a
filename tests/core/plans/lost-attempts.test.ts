import { lastAttemptOf } from '../../../core/plans/lost-attempts.ts';
import { aStep } from '../../support/builders.ts';

const retry = { ...aStep().retry, maxAttempts: 3 };

test.each([
  ['a step that is safe to repeat', true, 'step', 303],
  ['one that prepares its run', true, 'opening', 18],
  ['a step that is not safe to repeat', false, 'step', 8],
] as const)('lastAttemptOf %s', (_what, repeatable, kind, expected) => {
  expect(lastAttemptOf({ repeatable, retry }, kind)).toBe(expected);
});
