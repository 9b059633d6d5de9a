/** What a browser sends of a form: few fields, each once, all of them known. */
import type { IncomingMessage } from 'node:http';
import { SkillosError } from '../../core/errors.ts';
import { readBytes } from '../request-body.ts';

const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;
const MAX_FORM_BYTES = 32 * 1024;

/** Only the fields that are named, as far as they were sent. */
export async function readForm<Name extends string>(
  request: IncomingMessage,
  names: readonly Name[],
): Promise<Readonly<Partial<Record<Name, string>>>> {
  if (
    !FORM_TYPE.test(request.headers['content-type'] ?? '') ||
    request.headers['content-encoding'] !== undefined
  ) {
    throw new SkillosError('media_type_unsupported', 'Expected the body of a form');
  }
  const bytes = await readBytes(request, MAX_FORM_BYTES);
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(bytes.toString('latin1'))) {
    const isKnown = names.some((known) => known === name);
    if (!isKnown || fields.has(name)) {
      throw new SkillosError(
        'request_invalid',
        `Expected the field ${JSON.stringify(name.slice(0, 80))} ${isKnown ? 'once' : 'not at all'}`,
      );
    }
    fields.set(name, value);
  }
  return Object.fromEntries(fields) as Partial<Record<Name, string>>; // no other name was let in
}
