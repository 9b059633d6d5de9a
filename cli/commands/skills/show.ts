import { Command, Option } from 'clipanion';
import { showSkill } from '../../../client/skills/skills.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import type { JsonValue } from '../../../core/json.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { skillFields } from '../../../core/skills/skill-document.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { openRuntime } from '../../runtime.ts';
import { oneLine } from '../../views/plain-text.ts';

export class SkillsShowCommand extends SkillosCommand {
  static override paths = [['skills', 'show']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Show a skill: inputs, outputs and settings',
    examples: [['One skill', 'skillos skills show travel/search_flights']],
  });

  identity = identityOptions();
  skill = Option.String({ name: 'id' });

  async perform() {
    const id = parseSkillId(this.skill);
    const entry = await showSkill(openRuntime(this).ports.catalogs, await rightsOf(this), id);
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
