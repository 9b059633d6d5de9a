import { Command, Option } from 'clipanion';
import { openCatalog } from '../../../adapters/catalog.ts';
import { showSkill } from '../../../client/skills.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import type { JsonValue } from '../../../core/json.ts';
import { parseSkillId } from '../../../core/skill-id.ts';
import { skillFields } from '../../../core/skill-document.ts';
import { IdentifiedCommand } from '../../identified-command.ts';
import { oneLine } from '../../plain-text.ts';

export class SkillsShowCommand extends IdentifiedCommand {
  static override paths = [['skills', 'show']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Show one skill: what it takes, and how it runs',
    examples: [['All about one', 'skillos skills show travel/search_flights']],
  });

  skill = Option.String({ name: 'id' });

  async perform() {
    const id = parseSkillId(this.skill);
    const entry = await showSkill(openCatalog(this.config.root), await this.rights(), id);
    const fields = skillFields(entry);
    const width = Math.max(...Object.keys(fields).map((field) => field.length));
    this.print({
      text: Object.entries(fields).map(([field, value]) => `${field.padEnd(width)}  ${textOf(value)}`),
      json: { schema: 'skillos.skill/v1', ...fields },
    });
    return EXIT.ok;
  }
}

function textOf(value: JsonValue): string {
  if (typeof value === 'string') return oneLine(value);
  const isList = Array.isArray(value) && value.every((item) => typeof item === 'string');
  return isList ? value.map(oneLine).join(', ') : oneLine(JSON.stringify(value));
}
