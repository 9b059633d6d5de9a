import { Command, Option } from 'clipanion';
import { removeSession } from '../../../client/sessions/sessions.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { openRuntime } from '../../runtime.ts';

export class SessionsRemoveCommand extends SkillosCommand {
  static override paths = [['sessions', 'remove']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Remove a session with its messages; its runs are kept',
    details: 'That of another caller requires the permission runs:operate.',
    examples: [['A session', 'skillos sessions remove trip-1']],
  });

  identity = identityOptions();
  id = Option.String({ name: 'session' });

  async perform() {
    await removeSession(openRuntime(this).ports, await actorOf(this), this.id);
    this.print({
      text: `session_removed: ${this.id}`,
      json: { schema: 'skillos.session-change/v1', session_id: this.id, removed: true },
    });
    return EXIT.ok;
  }
}
