import { Command } from 'clipanion';
import { verifyPackages } from '../../../client/marketplace/verify.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { marketplacePorts } from '../../running/marketplace-ports.ts';
import { plain } from '../../views/plain-text.ts';

export class MarketplaceVerifyCommand extends SkillosCommand {
  static override paths = [['marketplace', 'verify']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Check files, signatures and keys of the installed packages',
    details:
      'Compares every file with skillos.lock and verifies each signature with the present keyring. Completes a change ' +
      'that was interrupted. Exits with 1 if something is wrong.',
    examples: [['All packages', 'skillos marketplace verify']],
  });

  async perform() {
    const { checked, findings } = await verifyPackages(marketplacePorts(this));
    this.print({
      text:
        findings.length === 0
          ? `packages_ok: ${checked}`
          : findings.map(({ code, id, message }) => plain(`${code}: ${id}: ${message}`)),
      json: {
        schema: 'skillos.packages_check/v1',
        valid: findings.length === 0,
        checked,
        items: findings.map((each) => ({ ...each })),
      },
    });
    return findings.length === 0 ? EXIT.ok : EXIT.failed;
  }
}
