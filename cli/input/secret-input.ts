/** Reads secrets from hidden prompts, or from the lines of standard input; never from arguments, which others can see. */
import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import { Writable } from 'node:stream';
import { SkillosError } from '../../core/errors/errors.ts';
import type { CliContext } from '../context.ts';
import { forTerminal } from '../views/plain-text.ts';

const MAX_BYTES = 1024 * 1024;

/** Resolves to one value for each name. Rejects with `input_unreadable` if one is missing or if there are more lines. */
export async function readSecrets(names: readonly string[], context: CliContext): Promise<readonly string[]> {
  const values = context.isInteractive ? await prompted(names, context) : await linesOf(context.stdin);
  if (values.length === names.length && !values.includes('')) return values;
  const expected =
    names.length === 1 ? 'one line that is not empty' : `${names.length} lines that are not empty`;
  throw new SkillosError('input_unreadable', `Expected ${expected}, got ${values.length} lines`, {
    hint: `Pipe one line for each of: ${names.join(', ')}`,
  });
}

async function prompted(names: readonly string[], context: CliContext): Promise<readonly string[]> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: context.stdin, output: silent, terminal: true });
  const left = new AbortController();
  prompt.once('SIGINT', () => left.abort()).once('close', () => left.abort());
  const values: string[] = [];
  try {
    for (const name of names) {
      context.stderr.write(forTerminal(`${name}: `));
      values.push(await prompt.question('', { signal: left.signal }));
      context.stderr.write('\n');
    }
    return values;
  } catch (cause) {
    if (!left.signal.aborted) throw cause;
    throw new SkillosError('input_unreadable', 'The input of secrets was aborted; nothing was written', {
      cause,
    });
  } finally {
    prompt.close();
  }
}

async function linesOf(stdin: Readable): Promise<readonly string[]> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    const data = Buffer.from(chunk as Uint8Array | string);
    bytes += data.length;
    if (bytes > MAX_BYTES) {
      throw new SkillosError('input_unreadable', `Expected at most ${MAX_BYTES} bytes on standard input`);
    }
    chunks.push(data);
  }
  const text = decode(Buffer.concat(chunks));
  return text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SkillosError('input_unreadable', 'Standard input is not UTF-8', { cause });
  }
}
