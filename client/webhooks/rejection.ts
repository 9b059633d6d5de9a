/** The one refusal of deliveries whose trigger or signature is not right. */
import { SkillosError } from '../../core/errors/errors.ts';

/** The error has the same text whatever the fault was. */
export function rejection(fault: string): { readonly error: SkillosError; readonly fault: string } {
  return { error: new SkillosError('webhook_rejected', 'The delivery is not accepted'), fault };
}
