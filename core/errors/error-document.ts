/** An error as `skillos.error/v1`: printed with `--json`, and the source of the problem documents of the API. */
import { ERROR_CODES } from './error-codes.ts';
import type { ErrorCode } from './error-codes.ts';
import type { SkillosError } from './errors.ts';
import type { JsonObject } from '../json.ts';

export interface ErrorDocument extends JsonObject {
  readonly schema: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

export function errorDocument({ code, message, hint, details }: SkillosError): ErrorDocument {
  return {
    schema: 'skillos.error/v1',
    code,
    message,
    hint: hint ?? ERROR_CODES[code].remedy,
    ...(details === undefined ? {} : { details }),
  };
}
