import { Command } from 'clipanion';
import { listCircuits } from '../../../client/limits.ts';
import type { CircuitItem } from '../../../core/limits-document.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import { IdentifiedCommand } from '../../identified-command.ts';
import { openRuntime } from '../../runtime.ts';
import { renderTable } from '../../table.ts';

export class CircuitListCommand extends IdentifiedCommand {
  static override paths = [['circuit', 'list']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'List the circuits of skills that failed of late',
    details:
      'An open circuit refuses runs of its skill; a half-open one lets a few through to probe. ' +
      'A skill that is not listed has not failed since it last succeeded.',
    examples: [
      ['What is refused, and until when', 'skillos circuit list'],
      ['For a script', 'skillos circuit list --json'],
    ],
  });

  async perform() {
    const { ports } = openRuntime(this.config, this.context, (line) => this.note(line));
    const items = await listCircuits(ports, await this.rights(), this.config);
    this.print({
      text:
        items.length === 0
          ? 'no_circuits'
          : renderTable(['SKILL', 'STATUS', 'FAILURES', 'LAST FAILURE', 'RETRY AT'], items.map(rowOf)),
      json: { schema: 'skillos.circuits/v1', items },
    });
    return EXIT.ok;
  }
}

function rowOf(item: CircuitItem): readonly string[] {
  return [item.skill, item.status, String(item.failures), item.last_failure_at, item.retry_at ?? ''];
}
