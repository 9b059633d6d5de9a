import { Command, Option } from 'clipanion';
import { installPackages } from '../../../client/marketplace/install.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import type { InstallStep } from '../../../core/marketplace/install-plan.ts';
import { parseRequirement } from '../../../core/marketplace/package.ts';
import { packageDiff } from '../../../core/marketplace/package-diff.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { catalogueOption, readCatalogueOf } from '../../running/marketplace-catalogue.ts';
import { acceptOptions, acceptanceOf, marketplacePorts } from '../../running/marketplace-ports.ts';
import { openCheckoutToWrite } from '../../runtime.ts';

export class MarketplaceUpdateCommand extends SkillosCommand {
  static override paths = [['marketplace', 'update']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Update one package, or all',
    details:
      'Shows the differences of code and capabilities first. A capability that the installed version does not have ' +
      'needs acceptance again.',
    examples: [
      ['All', 'skillos marketplace update --yes'],
      ['One, within a range', 'skillos marketplace update community/hello@^1.0.0'],
    ],
  });

  identity = identityOptions();
  package = Option.String({ name: 'id[@range]', required: false });
  catalog = catalogueOption();
  accepting = acceptOptions();

  async perform() {
    const ports = marketplacePorts(this, openCheckoutToWrite);
    const goal = this.package === undefined ? undefined : parseRequirement(this.package);
    const installed = goal === undefined ? undefined : ports.packages.lock().get(goal.id);
    if (goal !== undefined && installed === undefined) {
      throw new SkillosError('package_not_installed', `Package "${goal.id}" is not installed`);
    }
    const actor = await actorOf(this);
    const accept = acceptanceOf(this);
    const { status, steps } = await installPackages(ports, actor, {
      catalogue: await readCatalogueOf(this),
      goals: goal === undefined ? undefined : [atLeast(goal, installed?.version ?? '')],
      update: true,
      accept: (planned) => {
        this.noteDiffs(planned);
        return accept(planned);
      },
    });
    const items = steps.map(itemOf);
    const lines = items.map(
      ({ id, version }) => `${status === 'declined' ? 'not_updated' : 'updated'}: ${id} ${version}`,
    );
    this.print({
      text: items.length === 0 ? 'up_to_date' : lines,
      json: { schema: 'skillos.installation/v1', status, items },
    });
    return status === 'declined' ? EXIT.failed : EXIT.ok;
  }

  private noteDiffs(steps: readonly InstallStep[]): void {
    for (const { package: found, from } of steps) {
      if (from !== undefined) for (const line of packageDiff(from, found)) this.note(line);
    }
  }
}

/** Without a range an update never goes back. */
function atLeast(goal: ReturnType<typeof parseRequirement>, version: string) {
  return goal.version === '*' ? { ...goal, version: `>=${version}` } : goal;
}

function itemOf({ package: { id, version }, from }: InstallStep) {
  return { id, version, ...(from === undefined ? {} : { from: from.version }) };
}
