import { Command, Option } from 'clipanion';
import { deploymentDocument, fileOf, showDeployment } from '../../../client/deployments/deployments.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions } from '../../input/identity.ts';
import { oneLine, plain } from '../../views/plain-text.ts';
import { openDeployments } from './ports.ts';

export class DeploymentsShowCommand extends SkillosCommand {
  static override paths = [['deployments', 'show']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Show a deployment: its files, and the hashes of its code',
    details: 'Requires the permission skills:write.',
    examples: [
      ['What hosts run', 'skillos deployments show active'],
      ['A file of it', 'skillos deployments show active --file policies/approval_policies.json'],
    ],
  });

  identity = identityOptions();
  deployment = Option.String({ name: 'deployment' });
  file = Option.String('--file', { description: 'Print this file' });

  async perform() {
    const { ports, rights } = openDeployments(this);
    const shown = await showDeployment(ports, await rights(), this.deployment);
    if (this.file !== undefined) {
      const text = fileOf(shown, this.file);
      const json = { schema: 'skillos.deployed-file/v1', id: shown.id, file: this.file, text };
      this.print({ text: text.replace(/\n$/, '').split('\n'), json });
      return EXIT.ok;
    }
    const document = deploymentDocument(shown);
    const { id, at, by, message, active, content } = shown;
    this.print({
      text: [
        `deployment  ${id}${active ? ' (active)' : ''}`,
        `deployed    ${at} by ${oneLine(by)}`,
        ...(message === undefined ? [] : [`message     ${oneLine(message)}`]),
        ...Object.keys(content.files).map((file) => plain(`  ${file}`)),
        ...Object.entries(content.code).map(([name, hash]) => plain(`  code of ${name}: ${hash}`)),
      ],
      json: document,
    });
    return EXIT.ok;
  }
}
