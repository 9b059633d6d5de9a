import { renderError } from '../../../cli/views/errors.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import type { ErrorCode } from '../../../core/errors/error-codes.ts';

const RUN = 'demo.echo-01KAP3M2Q4V8Z0W6T5R7Y9X1BC';

describe('renderError', () => {
  test('ends with the code, and a hint', () => {
    const error = new SkillosError('plan_changed', 'The plan has changed', { hint: 'Write a new one' });
    expect(renderError(error, { json: false, debug: false })).toEqual({
      text: 'Error: The plan has changed (plan_changed)\nhint: Write a new one\n',
      exit: 1,
    });
  });

  test('takes an unknown error for an internal one', () => {
    expect(renderError(new Error('no'), { json: false, debug: false }).text).toMatch(
      /^Error: Internal error: no \(internal\)\nhint: /,
    );
  });

  test.each<[ErrorCode, string, readonly string[], string]>([
    ['run_finished', 'It has ended', ['runs', 'cancel', RUN], `See how it ended: skillos runs show ${RUN}`],
    ['run_finished', `Run "${RUN}" has ended`, [], `See how it ended: skillos runs show ${RUN}`],
    ['run_finished', 'It has ended', [], 'See how it ended: skillos runs show @latest'],
    ['tests_required', 'Skill "a/b" has no tests', [], 'Run the test: skillos test a/b'],
  ])('fills in the hint of %s', (code, message, argv, hint) => {
    const { text } = renderError(new SkillosError(code, message), { json: true, debug: false, argv });
    expect(JSON.parse(text)).toMatchObject({ code, hint });
  });
});
