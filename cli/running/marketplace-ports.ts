/** What the commands of the marketplace have in common: ports, and the question before a change. */
import { Option } from 'clipanion';
import { openRoot } from '../../adapters/catalog/skills-root.ts';
import { verifySignature } from '../../adapters/marketplace/ed25519.ts';
import { openPackageStore } from '../../adapters/marketplace/package-store.ts';
import { sandboxProblem } from '../../adapters/sandbox/sandbox.ts';
import type { MarketplacePorts } from '../../client/marketplace/ports.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { capabilityLines } from '../../core/marketplace/install-plan.ts';
import type { InstallStep } from '../../core/marketplace/install-plan.ts';
import type { SkillosCommand } from '../command.ts';
import { confirm } from '../input/confirm.ts';
import { optionGroup } from '../input/option-group.ts';
import { openRequestEvents } from '../request-events.ts';
import { openCheckout } from '../runtime.ts';
import { plain } from '../views/plain-text.ts';

export const acceptOptions = () =>
  optionGroup({
    yes: Option.Boolean('--yes', false, { description: 'Do not ask; required without a terminal' }),
    acceptCapabilities: Option.Boolean('--accept-capabilities', false, {
      description:
        'Accept the hosts, connectors and secrets that packages ask for; required with --yes if they do',
    }),
  });

export interface AcceptingCommand extends SkillosCommand {
  readonly accepting: ReturnType<typeof acceptOptions>;
}

/** `open` says if the command writes. Throws `root_not_found`. */
export function marketplacePorts(command: SkillosCommand, open = openCheckout): MarketplacePorts {
  const { ports } = open(command);
  const { root, production } = command.config;
  return {
    ...ports,
    packages: openPackageStore(openRoot(root)),
    verify: verifySignature,
    production,
    emit: (event, tenant) => openRequestEvents(command, tenant).emit([event]),
  };
}

/** Shows the plan on stderr, then asks, or demands the options that answer. */
export function acceptanceOf(command: AcceptingCommand): (steps: readonly InstallStep[]) => Promise<boolean> {
  const { accepting, context } = command;
  return async (steps) => {
    for (const line of steps.flatMap(stepLines)) command.note(line);
    const problem = await sandboxProblem(context.env);
    if (problem !== undefined)
      command.note(`sandbox_unavailable: packages do not run here: ${plain(problem)}`);
    if (!accepting.yes && context.isInteractive) return confirm('Write these files?', context);
    if (!accepting.yes) {
      throw new SkillosError('usage', 'Expected --yes, because there is no terminal for the question', {
        hint: 'Read the plan above, then repeat the command with --yes',
      });
    }
    const asking = steps.find(({ added }) => capabilityLines(added).length > 0);
    if (asking === undefined || accepting.acceptCapabilities) return true;
    const lines = capabilityLines(asking.added).join(', ');
    throw new SkillosError('capabilities_not_accepted', `Package "${asking.package.id}" asks for ${lines}`);
  };
}

function stepLines({ package: found, from, added }: InstallStep): readonly string[] {
  const change =
    from === undefined
      ? `install ${found.id} ${found.version}`
      : `update ${found.id} ${from.version} to ${found.version}`;
  return [
    `${change}, signed by ${found.keyId}`,
    `  side effects: ${JSON.stringify(found.manifest['side_effects'] ?? 'not declared')}`,
    ...[`metadata/${found.id}.yaml`, ...found.files.map(({ path }) => path)].map(
      (file) => `  writes ${file}`,
    ),
    ...capabilityLines(added).map((line) => `  asks for ${line}`),
  ].map(plain);
}
