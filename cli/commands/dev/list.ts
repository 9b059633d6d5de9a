import { Command } from 'clipanion';
import { findEngine } from '../../../temporal-dev/client/engine-control.ts';
import { allEngineFiles } from '../../../temporal-dev/client/engine-record.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { engineDocument } from '../../views/engine-view.ts';
import { renderTable } from '../../views/table.ts';

export class DevListCommand extends SkillosCommand {
  static override paths = [['dev', 'list']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'List your running local engines',
    examples: [['All of them', 'skillos dev list']],
  });

  async perform() {
    const all = await allEngineFiles(this.config, this.context.env);
    const found = await Promise.all(all.map(async (files) => ({ files, engine: await findEngine(files) })));
    const items = found.flatMap(({ files, engine }) =>
      engine === undefined ? [] : [engineDocument(engine.status, files)],
    );
    const rows = items.map((item) => [item.state, item.address ?? '', item.ui_url ?? '', item.root]);
    this.print({
      text: items.length === 0 ? 'no_engines' : renderTable(['STATE', 'TEMPORAL', 'WEB UI', 'ROOT'], rows),
      json: { schema: 'skillos.engines/v1', items },
    });
    return EXIT.ok;
  }
}
