import { Command, Option } from 'clipanion';
import { pruneAttachments } from '../../../client/attachments/prune.ts';
import type { Pruned } from '../../../client/attachments/prune.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { parseDuration } from '../../../core/values/duration.ts';
import { SkillosCommand } from '../../command.ts';
import { confirm } from '../../input/confirm.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { openRuntime } from '../../runtime.ts';

export class AttachmentsPruneCommand extends SkillosCommand {
  static override paths = [['attachments', 'prune']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Delete old attachments of runs that have ended',
    examples: [
      ['Look first', 'skillos attachments prune --older-than 30d --dry-run'],
      ['Delete', 'skillos attachments prune --older-than 30d --yes'],
    ],
  });

  identity = identityOptions();
  olderThan = Option.String('--older-than', { required: true, description: 'Age, such as 30d' });
  dryRun = Option.Boolean('--dry-run', false, { description: 'Count, and delete nothing' });
  yes = Option.Boolean('--yes', false, { description: 'Do not ask' });

  async perform() {
    const before = this.context.now() - parseDuration(this.olderThan, '--older-than');
    const actor = await actorOf(this);
    const isConfirmed =
      this.dryRun ||
      this.yes ||
      (await confirm(`Delete attachments older than ${this.olderThan}?`, this.context));
    const { ports, state } = openRuntime(this);
    const asked = { actor, before, isDryRun: this.dryRun || !isConfirmed };
    const pruned = await pruneAttachments(ports, { bytes: state.attachments }, asked);
    this.print(outputOf(pruned, asked.isDryRun));
    return EXIT.ok;
  }
}

function outputOf({ runs, attachments, bytes, kept }: Pruned, isDryRun: boolean) {
  const verb = isDryRun ? 'attachments_found' : 'attachments_pruned';
  return {
    text: `${verb}: ${attachments} of ${runs} runs, ${bytes} bytes; ${kept} runs in flight keep theirs`,
    json: { schema: 'skillos.attachments/v1', dry_run: isDryRun, runs, attachments, bytes, kept },
  };
}
