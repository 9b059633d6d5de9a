import { Command } from 'clipanion';
import { showBudget } from '../../client/limits.ts';
import type { WindowDocument } from '../../core/limits/limits-document.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../command.ts';
import { identityOptions, rightsOf } from '../input/identity.ts';
import { openRuntime } from '../runtime.ts';
import { renderTable } from '../views/table.ts';

export class BudgetCommand extends SkillosCommand {
  static override paths = [['budget']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Show the budget of a tenant',
    details:
      'spent: cost of steps that succeeded; reserved: maximum cost of runs in flight. ' +
      'Days and months are in UTC. The limits are settings of the worker.',
    examples: [
      ['Remaining amounts', 'skillos budget'],
      ['For a script', 'skillos budget --json'],
    ],
  });

  identity = identityOptions();
  async perform() {
    const { ports } = openRuntime(this);
    const document = await showBudget(ports, await rightsOf(this), this.config);
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
