import { Command } from 'clipanion';
import { listCircuits } from '../../../client/limits.ts';
import type { CircuitItem } from '../../../core/limits/limits-document.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { openRuntime } from '../../runtime.ts';
import { renderTable } from '../../views/table.ts';

export class CircuitListCommand extends SkillosCommand {
  static override paths = [['circuit', 'list']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'List the circuits of skills with recent failures',
    details:
      'An open circuit refuses runs of its skill; a half-open one admits a few as probes. ' +
      'A skill without failures since its last success is not listed.',
    examples: [
      ['Refused skills, and until when', 'skillos circuit list'],
      ['For a script', 'skillos circuit list --json'],
    ],
  });

  identity = identityOptions();
  async perform() {
    const { ports } = openRuntime(this);
    const items = await listCircuits(ports, await rightsOf(this), this.config);
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
