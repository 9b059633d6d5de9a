import { Command, Option } from 'clipanion';
import { manifestEditor } from '../../../adapters/catalog/manifest-edit.ts';
import { loadJsonSchemas } from '../../../adapters/preparing/json-schema.ts';
import { openSchemaReader } from '../../../adapters/skill-code/schema-reader.ts';
import { syncSchemas } from '../../../client/skills/sync-schemas.ts';
import type { SyncedSkill } from '../../../client/skills/sync-schemas.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { openCheckoutToWrite } from '../../runtime.ts';
import { plain } from '../../views/plain-text.ts';

export class SyncMetaCommand extends SkillosCommand {
  static override paths = [['sync-meta']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Write the schemas that skills export in code into their manifests',
    details:
      'A skill may export inputs and outputs as zod schemas. Loads such code in a process of its own, which runs ' +
      'the top level of its modules. Exits with 1 if a skill fails, and with --check also if a manifest differs.',
    examples: [
      ['All skills', 'skillos sync-meta'],
      ['In CI', 'skillos sync-meta --check'],
    ],
  });

  identity = identityOptions();
  skill = Option.String({ name: 'id', required: false });
  check = Option.Boolean('--check', false, {
    description: 'Report manifests that differ, and change nothing',
  });

  async perform() {
    const { check: isCheck, config } = this;
    const id = this.skill === undefined ? undefined : parseSkillId(this.skill);
    const { root, ports } = openCheckoutToWrite(this);
    const actor = await actorOf(this);
    const reader = openSchemaReader({ config, env: this.context.env });
    const { problemOf } = await loadJsonSchemas();
    const editManifest = manifestEditor(root);
    try {
      const { describe } = reader;
      const items = await syncSchemas({ ...ports, editManifest, describe, problemOf }, actor, {
        id,
        isCheck,
      });
      return this.report(items);
    } finally {
      await reader.close();
    }
  }

  private report(items: readonly SyncedSkill[]) {
    const { check } = this;
    const isFailed = items.some(({ problem }) => check || problem !== undefined);
    const lines = items.map((item) => plain(lineOf(item, check)));
    this.print({
      text: items.length === 0 ? 'meta_in_sync' : lines,
      json: { schema: 'skillos.sync-meta/v1', check, items: items.map((item) => ({ ...item })) },
    });
    return isFailed ? EXIT.failed : EXIT.ok;
  }
}

function lineOf({ skill, file, fields, problem }: SyncedSkill, check: boolean): string {
  if (problem !== undefined) return `invalid_skill: ${skill} entrypoint ${problem.message} (${problem.code})`;
  return `${check ? 'meta_differs' : 'meta_written'}: ${skill} ${file} ${fields.join(', ')}`;
}
