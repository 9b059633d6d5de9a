import { Command, Option } from 'clipanion';
import { openSession } from '../../../client/sessions/sessions.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { sessionDocument } from '../../../core/sessions/session-document.ts';
import type { StoredMessage } from '../../../core/sessions/session.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { openRuntime } from '../../runtime.ts';
import { oneLine } from '../../views/plain-text.ts';

export class SessionsShowCommand extends SkillosCommand {
  static override paths = [['sessions', 'show']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Show the messages of a session, oldest first',
    examples: [['A session', 'skillos sessions show trip-1']],
  });

  identity = identityOptions();
  id = Option.String({ name: 'session' });

  async perform() {
    const { ports } = openRuntime(this);
    const session = await openSession(ports, await rightsOf(this), this.id);
    const { messages } = session;
    this.print({
      text: messages.length === 0 ? 'no_messages' : messages.map(lineOf),
      json: sessionDocument(session),
    });
    return EXIT.ok;
  }
}

function lineOf({ role, content, at }: StoredMessage): string {
  return `${at} ${role}: ${oneLine(content)}`;
}
