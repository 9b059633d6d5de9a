import { PassThrough, Writable } from 'node:stream';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promptStep } from '../../../cli/input/step-prompt.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const PAUSED = { step: 2, skill: 'travel/find', input: { city: 'Kazan' } };

/** Types one answer each time it is asked; then Ctrl-D. */
async function answer(...answers: readonly string[]) {
  const stdin = new PassThrough();
  const waiting = [...answers];
  let shown = '';
  const stderr = new Writable({
    write(chunk: Buffer, _encoding, done) {
      shown += chunk.toString();
      if (chunk.toString().endsWith(': ')) {
        const next = waiting.shift();
        if (next === undefined) stdin.end();
        else stdin.write(`${next}\n`);
      }
      done();
    },
  });
  const order = await promptStep(PAUSED, {
    commands: [],
    env: {},
    stdin,
    stdout: stderr,
    stderr,
    isPiped: true,
    colorDepth: 1,
    isInteractive: true,
    onInterrupt: () => () => undefined,
    onEnd: () => undefined,
    now: Date.now,
  });
  return { order, shown };
}

describe('promptStep', () => {
  test('shows the step and what goes in', async () => {
    const { shown } = await answer('');
    expect(shown).toContain('next       step 2 travel/find\ninput\n  {\n    "city": "Kazan"\n  }\n');
  });

  test.each([
    ['', { command: 'next' }],
    ['n', { command: 'next' }],
    ['c', { command: 'continue' }],
    ['s', { command: 'skip' }],
    ['a', { command: 'abort' }],
    ['q', undefined],
  ])('takes %j', async (text, expected) => {
    expect((await answer(text)).order).toEqual(expected);
  });

  test('takes an edit, as JSON or from a file', async () => {
    expect((await answer('e', '{"city":"Sochi"}')).order).toEqual({
      command: 'edit',
      input: { city: 'Sochi' },
    });
    const file = join(tempFolder(), 'input.json');
    writeFileSync(file, '[1, 2]');
    expect((await answer('e', `@${file}`)).order).toEqual({ command: 'edit', input: [1, 2] });
  });

  test('asks again after an answer that it does not know, and after an input that is no JSON', async () => {
    const { order, shown } = await answer('toString', 'e', 'Sochi', 's');
    expect(order).toEqual({ command: 'skip' });
    expect(shown).toContain('Unknown answer "toString"\n');
    expect(shown).toContain('Invalid input "Sochi": expected JSON\n');
  });

  test('leaves the run paused where the input ends', async () => {
    expect((await answer()).order).toBeUndefined();
    expect((await answer('e')).order).toBeUndefined();
  });
});
