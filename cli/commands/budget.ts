import { Command } from 'clipanion';
import { showBudget } from '../../client/limits.ts';
import type { WindowDocument } from '../../core/limits-document.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { IdentifiedCommand } from '../identified-command.ts';
import { openRuntime } from '../runtime.ts';
import { renderTable } from '../table.ts';

export class BudgetCommand extends IdentifiedCommand {
  static override paths = [['budget']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Show what the runs of a tenant may still cost',
    details:
      'Spent is what steps cost that succeeded, reserved what runs in flight may still cost. ' +
      'Days and months are those of UTC. Limits are settings; they count in the worker.',
    examples: [
      ['What is left', 'skillos budget'],
      ['For a script', 'skillos budget --json'],
    ],
  });

  async perform() {
    const { ports } = openRuntime(this.config, this.context, (line) => this.note(line));
    const document = await showBudget(ports, await this.rights(), this.config);
    const { tenant, tier, step_cost: stepCost, per_request: request, daily, monthly } = document;
    const rows = [
      ['request', String(request.limit)],
      ['day', ...cellsOf(daily)],
      ['month', ...cellsOf(monthly)],
    ];
    this.print({
      text: [
        ...renderTable(['PER', 'LIMIT', 'SPENT', 'RESERVED', 'REMAINING'], rows),
        `tenant: ${tenant}`,
        `model_tier: ${tier} (${stepCost} a step)`,
      ],
      json: document,
    });
    return EXIT.ok;
  }
}

function cellsOf({ limit, spent, reserved, remaining }: WindowDocument): readonly string[] {
  return [limit, spent, reserved, remaining].map(String);
}
