import { Command, Option } from 'clipanion';
import { listSessions } from '../../../client/sessions/sessions.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { sessionItem } from '../../../core/sessions/session-document.ts';
import { parseSessionId } from '../../../core/sessions/session.ts';
import type { Session } from '../../../core/sessions/session.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { MAX_LIMIT, limitOf } from '../../input/list-options.ts';
import { openRuntime } from '../../runtime.ts';
import { plain } from '../../views/plain-text.ts';
import { renderTable } from '../../views/table.ts';

export class SessionsListCommand extends SkillosCommand {
  static override paths = [['sessions', 'list']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'List sessions, by id',
    details: 'Your own, and with the permission runs:read all of the tenant.',
    examples: [['The first hundred', 'skillos sessions list']],
  });

  identity = identityOptions();
  limit = Option.String('--limit', '100', { description: `List at most this many, up to ${MAX_LIMIT}` });
  after = Option.String('--after', { description: 'Go on after this session id' });

  async perform() {
    const { ports } = openRuntime(this);
    const { items, next } = await listSessions(ports, await rightsOf(this), {
      limit: limitOf(this.limit),
      after: this.after === undefined ? undefined : parseSessionId(this.after),
    });
    this.print({
      text: items.length === 0 ? 'no_sessions' : renderTable(HEAD, items.map(rowOf)),
      json: {
        schema: 'skillos.sessions/v1',
        items: items.map(sessionItem),
        ...(next === undefined ? {} : { next }),
      },
    });
    if (next !== undefined) this.note(`more: skillos sessions list --after ${next}`);
    return EXIT.ok;
  }
}

const HEAD = ['SESSION', 'BY', 'LAST REQUEST'];

function rowOf({ id, principal, updatedAt }: Session): readonly string[] {
  return [id, plain(principal.subject), updatedAt];
}
