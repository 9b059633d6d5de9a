import { constants } from 'node:os';
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

  const refusedFile = (path: string) =>
    Object.assign(new Error('EROFS'), { errno: -constants.errno.EROFS, code: 'EROFS', path });

  test.each([
    ['SKILLOS_STATE_DIR', '/s', '/s/engines/x'],
    ['XDG_CACHE_HOME', '/c', '/c/skillos/temporal'],
    ['TMPDIR', '/t', '/t/skillos-test-XXXXXX'],
    ['HOME', '/h', '/h/.local/state/skillos'],
  ])('names %s, from which a file follows that cannot be written', (variable, folder, path) => {
    const env = { HOME: '/h', [variable]: folder };
    const hint = `${JSON.stringify(path)} follows from ${variable}: set it to a folder that you may write into`;
    const cause = refusedFile(path);
    for (const error of [cause, new SkillosError('storage_refused', 'Cannot use it', { cause })]) {
      const { text } = renderError(error, { json: true, debug: false, env });
      expect(JSON.parse(text)).toMatchObject({ code: 'storage_refused', hint });
    }
  });

  test('names a file that cannot be written, and no variable that has nothing to do with it', () => {
    const env = { HOME: '/h', TMPDIR: '/h' };
    const { text } = renderError(refusedFile('/h/root/runtime'), { json: true, debug: false, env });
    expect(JSON.parse(text)).toMatchObject({
      code: 'storage_refused',
      message: 'Cannot use "/h/root/runtime": read-only file system (EROFS)',
      hint: expect.not.stringContaining('HOME'),
    });
  });

  test.each<[ErrorCode, string, readonly string[], string]>([
    ['run_finished', 'It has ended', ['runs', 'cancel', RUN], `See how it ended: skillos runs show ${RUN}`],
    ['run_finished', `Run "${RUN}" has ended`, [], `See how it ended: skillos runs show ${RUN}`],
    ['run_finished', 'It has ended', [], 'See how it ended: skillos runs show @latest'],
    [
      'usage',
      'Invalid --limit "x"',
      ['runs', 'list'],
      'Read the help of the command: skillos runs list --help',
    ],
    [
      'permission_denied',
      'Skill "a/b" requires the permission x',
      [],
      'See the rule that decided: skillos auth can-i run a/b --explain',
    ],
    [
      'permission_denied',
      'This requires the permission "audit:read"',
      [],
      'See the rule that decided: skillos auth can-i audit:read --explain',
    ],
    ['tests_required', 'Skill "a/b" has no tests', [], 'Run the test: skillos test a/b'],
  ])('fills in the hint of %s', (code, message, argv, hint) => {
    const { text } = renderError(new SkillosError(code, message), {
      json: true,
      debug: false,
      argv,
      command: argv.slice(0, 2).join(' '),
    });
    expect(JSON.parse(text)).toMatchObject({ code, hint });
  });
});
