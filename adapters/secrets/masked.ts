/** Masks secrets in JSON values and errors before they are handed on. */
import { SkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import type { OutputMask } from '../../core/settings/masking.ts';

/** `value` is plain JSON by its type. */
export function maskedJson<Value extends JsonValue | object>(value: Value, mask: OutputMask): Value {
  const text = JSON.stringify(value);
  const shown = mask.json(text);
  return shown === text ? value : (JSON.parse(shown) as Value); // masking keeps the shape
}

/** The same error without its cause, which may hold what a process or a server has sent. */
export function maskedError({ code, message, hint, details }: SkillosError, mask: OutputMask): SkillosError {
  return new SkillosError(code, mask.text(message), {
    ...(hint !== undefined && { hint }),
    ...(details && { details: maskedJson(details, mask) }),
  });
}
