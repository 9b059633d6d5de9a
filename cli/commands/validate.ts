import { Command, Option } from 'clipanion';
import { reviewCatalog } from '../../adapters/catalog/catalog-review.ts';
import { openCatalog } from '../../adapters/catalog/catalog.ts';
import { reviewConnectorSecrets } from '../../adapters/connectors/connector-review.ts';
import { openSecretSources } from '../../adapters/secrets/secrets.ts';
import type { Catalog, Finding } from '../../core/skills/catalog.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import { validationDocument } from '../../core/skills/validation-document.ts';
import { SkillosCommand } from '../command.ts';
import { findingLine } from '../views/finding-line.ts';

export class ValidateCommand extends SkillosCommand {
  static override paths = [['validate']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Check the skills, connectors and policies of a root',
    details:
      'Compiles the code of all skills without running it. Ends with validation_failed and exit 1 if a finding is ' +
      'an error, otherwise with validation_ok.',
    examples: [
      ['Manifests', 'skillos validate --root my-skills'],
      ['And load the code, which runs its top level', 'skillos validate --check-entrypoints'],
      ['For a machine', 'skillos validate --json'],
    ],
  });

  entrypoints = Option.Boolean('--check-entrypoints', false, {
    description: 'Load each implementation in its own process',
  });

  async perform() {
    const { root, production } = this.config;
    const catalog = await openCatalog(root).load();
    const sources = openSecretSources({ root, env: this.context.env, production });
    const more = [
      ...(await this.checkCode(catalog)),
      ...(await reviewConnectorSecrets(root, catalog, sources)),
    ];
    const findings = await reviewCatalog(root, catalog, more);
    const document = validationDocument(catalog, findings);
    const lines = findings.map(findingLine);
    this.print({
      text: [...lines, document.valid ? 'validation_ok' : 'validation_failed'],
      json: document,
    });
    return document.valid ? EXIT.ok : EXIT.failed;
  }

  private async checkCode(catalog: Catalog): Promise<readonly Finding[]> {
    const { checkEntrypoints, compileEntrypoints } =
      await import('../../adapters/skill-code/check-entrypoints.ts');
    const { config } = this;
    if (!this.entrypoints) return compileEntrypoints(config.root, catalog);
    return checkEntrypoints(catalog, { config, env: this.context.env, note: (line) => this.note(line) });
  }
}
