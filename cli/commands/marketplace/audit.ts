import { Command } from 'clipanion';
import { isCatalogueMissing } from '../../../adapters/marketplace/catalogue-text.ts';
import { openConnectorFiles } from '../../../adapters/connectors/connector-files.ts';
import { sandboxProblem } from '../../../adapters/sandbox/sandbox.ts';
import { openSecretSources } from '../../../adapters/secrets/secrets.ts';
import { auditPackages } from '../../../client/marketplace/audit.ts';
import { checkSecret } from '../../../core/connectors/secret-check.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import type { Catalogue } from '../../../core/marketplace/catalogue.ts';
import type { SkillId } from '../../../core/values/skill-id.ts';
import { SETTINGS } from '../../../core/settings/settings.ts';
import { SkillosCommand } from '../../command.ts';
import { catalogueOption, readCatalogueOf } from '../../running/marketplace-catalogue.ts';
import { marketplacePorts } from '../../running/marketplace-ports.ts';
import { plain } from '../../views/plain-text.ts';

export class MarketplaceAuditCommand extends SkillosCommand {
  static override paths = [['marketplace', 'audit']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Report what is wrong or old about the installed packages',
    details:
      'Checks what verify checks, and also the validity of keys, later and withdrawn versions, connectors and secrets ' +
      'that packages use and this root lacks, packages that nothing needs, and the sandbox. Exits with 1 on a finding.',
    examples: [['Compare with a catalogue too', 'skillos marketplace audit --catalog catalog.json']],
  });

  catalog = catalogueOption();

  async perform() {
    const ports = marketplacePorts(this);
    const { root, production } = this.config;
    const sources = openSecretSources({ root, env: this.context.env, production });
    const { checked, findings } = await auditPackages(ports, {
      catalogue: await this.catalogueIfThere(),
      connectors: openConnectorFiles(root)().specs,
      missingSecret: (owner: SkillId, key: string) => {
        const { found, names } = checkSecret({ kind: 'skill', owner, key }, sources);
        return found === undefined ? names : undefined;
      },
      sandboxProblem: await sandboxProblem(this.context.env),
    });
    this.print({
      text:
        findings.length === 0
          ? `audit_ok: ${checked}`
          : findings.map(({ code, id, message }) =>
              plain([code, id, message].filter((part) => part !== undefined).join(': ')),
            ),
      json: {
        schema: 'skillos.packages_audit/v1',
        valid: findings.length === 0,
        checked,
        items: findings.map((each) => ({ ...each })),
      },
    });
    return findings.length === 0 ? EXIT.ok : EXIT.failed;
  }

  /** Only the default catalogue may be missing. */
  private async catalogueIfThere(): Promise<Catalogue | undefined> {
    const { marketplaceCatalog } = this.config;
    const isDefault =
      this.catalog === undefined && marketplaceCatalog === SETTINGS.marketplaceCatalog.fallback;
    if (!isDefault || !isCatalogueMissing(marketplaceCatalog)) return readCatalogueOf(this);
    this.note('Versions are not compared: name a catalogue with --catalog or SKILLOS_MARKETPLACE_CATALOG');
    return undefined;
  }
}
