import { Command, Option } from 'clipanion';
import { reviewCatalog } from '../../adapters/catalog-review.ts';
import { openCatalog } from '../../adapters/catalog.ts';
import type { Catalog, Finding } from '../../core/catalog.ts';
import { isErrorCode } from '../../core/error-codes.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { placeOf } from '../../core/find-skill.ts';
import { validationDocument } from '../../core/validation-document.ts';
import { SkillosCommand } from '../command.ts';
import { plain } from '../plain-text.ts';

export class ValidateCommand extends SkillosCommand {
  static override paths = [['validate']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'List what is wrong with the skills and policies of a root',
    details: 'Exit 1 when a finding is an error; warnings alone leave it at 0.',
    examples: [
      ['Manifests', 'skillos validate --root my-skills'],
      ['Their code too', 'skillos validate --check-entrypoints'],
      ['For a machine', 'skillos validate --json'],
    ],
  });

  entrypoints = Option.Boolean('--check-entrypoints', false, {
    description: 'Load each implementation in a process of its own',
  });

  async perform() {
    const { root } = this.config;
    const catalog = await openCatalog(root).load();
    const findings = await reviewCatalog(root, catalog, await this.checkCode(catalog));
    const document = validationDocument(catalog, findings);
    const lines = findings.map(lineOf);
    this.print({
      text: document.valid ? [...lines, 'validation_ok'] : lines,
      json: document,
    });
    return document.valid ? EXIT.ok : EXIT.failed;
  }

  private async checkCode(catalog: Catalog): Promise<readonly Finding[]> {
    if (!this.entrypoints) return [];
    const { checkEntrypoints } = await import('../../adapters/check-entrypoints.ts');
    const { config } = this;
    return checkEntrypoints(catalog, { config, env: this.context.env, note: (line) => this.note(line) });
  }
}

function lineOf(finding: Finding): string {
  if (finding.rule === 'policy_invalid') return plain(`invalid_policy: ${finding.message}`);
  const token = finding.severity === 'error' ? 'invalid_skill' : 'warning';
  // What loading the code shows bears the code of the error that a run would end with.
  const part = finding.field === 'entrypoint' && isErrorCode(finding.rule) ? 'entrypoint' : 'metadata';
  return plain(`${token}: ${finding.skill ?? 'unknown'} ${part} ${placeOf(finding)} ${finding.message}`);
}
