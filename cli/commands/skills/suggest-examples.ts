import { Command, Option } from 'clipanion';
import { manifestEditor } from '../../../adapters/catalog/manifest-edit.ts';
import { suggestFor } from '../../../client/learning/suggest-examples.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { limitOf } from '../../input/list-options.ts';
import { openCheckout, openCheckoutToWrite } from '../../runtime.ts';
import { plain } from '../../views/plain-text.ts';
import { renderTable } from '../../views/table.ts';
import { openFeedback } from '../feedback/ports.ts';

export class SuggestExamplesCommand extends SkillosCommand {
  static override paths = [['skills', 'suggest-examples']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Suggest examples for a skill from what people asked',
    details:
      'Takes the queries of the last 1000 successful runs and corrections of the skill, without near duplicates of ' +
      'each other and of the present examples. Writes nothing without --apply: read them first, because everybody who may ' +
      'run the skill can read its examples. Requires the permission runs:read, and with --apply skills:write.',
    examples: [
      ['See them', 'skillos skills suggest-examples travel/search_flights'],
      ['Add the three best', 'skillos skills suggest-examples travel/search_flights --limit 3 --apply'],
    ],
  });

  identity = identityOptions();
  skill = Option.String({ name: 'id' });
  limit = Option.String('--limit', '5', { description: 'How many at most' });
  apply = Option.Boolean('--apply', false, { description: 'Add them to the manifest' });

  async perform() {
    const skill = parseSkillId(this.skill);
    const wanted = { skill, limit: limitOf(this.limit), apply: this.apply };
    const runtime = this.apply ? openCheckoutToWrite(this) : openCheckout(this);
    const ports = { ...openFeedback(this, runtime), editManifest: manifestEditor(this.config.root) };
    const { file, items } = await suggestFor(ports, await actorOf(this), wanted);
    const isApplied = this.apply && items.length > 0;
    const rows = items.map(({ query, times, last }) => [String(times), last.slice(0, 10), plain(query)]);
    this.print({
      text: [
        ...(items.length === 0 ? ['no_suggestions'] : renderTable(['TIMES', 'LAST', 'QUERY'], rows)),
        ...(isApplied ? [`examples_added: ${items.length}`] : []),
      ],
      json: {
        schema: 'skillos.suggested-examples/v1',
        skill,
        items: items.map((item) => ({ ...item })),
        applied: isApplied,
      },
    });
    if (items.length > 0 && !this.apply) this.note(`note: nothing is written; --apply adds them to ${file}`);
    return EXIT.ok;
  }
}
