/** Reads a form that a browser sends: known fields only, each at most once. koa-body parses any field and also files. */
import type { IncomingMessage } from 'node:http';
import { SkillosError } from '../../core/errors/errors.ts';
import { readBytes } from '../http/request-body.ts';

const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;
const MAX_FORM_BYTES = 32 * 1024;

/** Resolves to the fields that were sent. Rejects with `media_type_unsupported`, `request_invalid` or `body_too_large`. */
export async function readForm<Name extends string>(
  request: IncomingMessage,
  names: readonly Name[],
): Promise<Readonly<Partial<Record<Name, string>>>> {
  if (
    !FORM_TYPE.test(request.headers['content-type'] ?? '') ||
    request.headers['content-encoding'] !== undefined
  ) {
    throw new SkillosError(
      'media_type_unsupported',
      'Expected a body of type application/x-www-form-urlencoded',
    );
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
  return Object.fromEntries(fields) as Partial<Record<Name, string>>; // other names were refused above
}
