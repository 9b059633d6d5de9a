/** Sessions as documents, for `--json` and the API. */
import type { JsonObject } from '../json.ts';
import type { Session } from './session.ts';

/** A session in a list. */
export function sessionItem({ id, principal, createdAt, updatedAt }: Session): JsonObject {
  return { session_id: id, principal: principal.subject, created_at: createdAt, updated_at: updatedAt };
}

/** A session with its messages, oldest first. */
export function sessionDocument(session: Session): JsonObject & { readonly schema: string } {
  return {
    schema: 'skillos.session/v1',
    ...sessionItem(session),
    context: session.context ?? {},
    messages: session.messages.map(({ role, content, at, runId }) => ({ role, content, at, run_id: runId })),
  };
}
