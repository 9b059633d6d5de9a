import { Command, Option } from 'clipanion';
import { bundleFolder } from '../../../adapters/storage/state.ts';
import { deploy } from '../../../client/deployments/deploy.ts';
import type { Deployed } from '../../../client/deployments/deploy.ts';
import { shortId } from '../../../core/deployments/content.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { usesDeployments } from '../../../core/settings/config.ts';
import type { Finding } from '../../../core/skills/catalog.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions } from '../../input/identity.ts';
import { findingLine } from '../../views/finding-line.ts';
import { changeLines } from './change-lines.ts';
import { openDeployments } from './ports.ts';

export class DeployCommand extends SkillosCommand {
  static override paths = [['deploy']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Deploy the skills root, so that all hosts run it',
    details:
      'Validates the root, stores manifests, code, compositions, connectors, policies and triggers in the storage, and ' +
      'activates them at once; secrets and settings stay where they are. Runs in flight keep what they began with. Requires ' +
      'the permission skills:write.',
    examples: [
      ['See what would change', 'skillos deploy --dry-run'],
      ['Deploy', 'skillos deploy --message "cheaper flights"'],
      ['After the active deployment was lost, or nobody may deploy by it', 'skillos deploy --recover'],
    ],
  });

  identity = identityOptions();
  message = Option.String('--message', { description: 'What is new, for the list of deployments' });
  dryRun = Option.Boolean('--dry-run', false, { description: 'Show what would change; deploy nothing' });
  recover = Option.Boolean('--recover', false, {
    description: 'Decide by the policies of the root, not by those of the active deployment; audited',
  });

  async perform() {
    const { ports, root, actor } = openDeployments(this, { isRecovery: this.recover });
    const deployed = await deploy(ports, await actor(), {
      message: this.message,
      dryRun: this.dryRun,
      isRecovery: this.recover,
      freeze: () => this.#freeze(root),
    });
    this.print({
      text: [...changeLines(deployed.changes), resultLine(deployed)],
      json: {
        schema: 'skillos.deployed/v1',
        status: deployed.status,
        ...(deployed.id !== undefined && { id: deployed.id }),
        changes: deployed.changes,
      },
    });
    if (deployed.status === 'deployed' && !usesDeployments(this.config))
      this.note('note: hosts run it with SKILLOS_DEPLOYMENTS=1, or in production with Postgres');
    return EXIT.ok;
  }

  async #freeze(root: string) {
    const [{ freezeRoot }, { openSkillCode }] = await Promise.all([
      import('../../../adapters/deployments/freeze-root.ts'),
      import('../../../adapters/skill-code/bundles.ts'),
    ]);
    const { production } = this.config;
    const code = openSkillCode({ root, storeDir: bundleFolder(root), production });
    const frozen = await freezeRoot(root, { code, note: (line) => this.note(line) });
    this.#refuse(frozen.findings);
    return frozen;
  }

  /** Warnings are shown, and forbid nothing. */
  #refuse(findings: readonly Finding[]): void {
    for (const finding of findings) this.note(findingLine(finding));
    const errors = findings.filter(({ severity }) => severity === 'error');
    if (errors.length === 0) return;
    const count = errors.length === 1 ? '1 finding is an error' : `${errors.length} findings are errors`;
    throw new SkillosError('deployment_refused', `Nothing was deployed: ${count}`, {
      details: { findings: errors.map((finding) => Object.fromEntries(Object.entries(finding))) },
    });
  }
}

function resultLine({ status, id = '' }: Deployed): string {
  if (status === 'dry_run') return 'dry_run: nothing is deployed';
  return `${status === 'deployed' ? 'deployed' : 'deployment_unchanged'}: ${shortId(id)}`;
}
