import { existsSync } from 'node:fs';
import { Command, Option } from 'clipanion';
import { fingerprint, verifySignature } from '../../../adapters/marketplace/ed25519.ts';
import { openPackageStore } from '../../../adapters/marketplace/package-store.ts';
import { openRoot } from '../../../adapters/catalog/skills-root.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { findPackage } from '../../../core/marketplace/install-plan.ts';
import { distrustOf } from '../../../core/marketplace/keyring.ts';
import type { SkillPackage } from '../../../core/marketplace/package.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { canonicalJson } from '../../../core/values/digest.ts';
import { SkillosCommand } from '../../command.ts';
import { catalogueOption, readCatalogueOf } from '../../running/marketplace-catalogue.ts';
import { plain } from '../../views/plain-text.ts';

export class MarketplaceShowCommand extends SkillosCommand {
  static override paths = [['marketplace', 'show']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Show a package of a catalogue with its code',
    details: 'Shows the newest version, and on stderr if the keyring of the skills root trusts it.',
    examples: [['A package', 'skillos marketplace show community/hello --catalog catalog.json']],
  });

  package = Option.String({ name: 'id' });
  catalog = catalogueOption();

  async perform() {
    const id = parseSkillId(this.package);
    const found = findPackage(await readCatalogueOf(this), id);
    const trust = this.trustOf(found);
    this.print({
      text: JSON.stringify(JSON.parse(canonicalJson(found.document)), null, 2).split('\n'),
      json: {
        schema: 'skillos.package/v1',
        package: found.document,
        ...(trust === undefined ? {} : { trust }),
      },
    });
    if (trust !== undefined) this.note(plain(`${trust.status}: ${trust.message}`));
    return EXIT.ok;
  }

  /** Undefined without a skills root, which holds the keyring. */
  private trustOf(found: SkillPackage) {
    const { root, production } = this.config;
    if (!existsSync(root)) return undefined;
    const keyring = openPackageStore(openRoot(root)).keyring();
    const terms = { keyring, verify: verifySignature, production, now: this.context.now() };
    const distrust = distrustOf(found, terms);
    if (distrust !== undefined) {
      return { status: 'not_trusted', reason: distrust.reason, message: distrust.message };
    }
    const key = keyring.keys.find(({ key_id: keyId }) => keyId === found.keyId);
    const message = `signed by "${found.keyId}", ${fingerprint(key?.public_key ?? '')}`;
    return { status: 'trusted', message };
  }
}
