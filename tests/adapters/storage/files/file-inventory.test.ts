import { openState } from '../../../../adapters/storage/state.ts';
import { parseConfig } from '../../../../core/settings/config.ts';
import { sha256 } from '../../../../core/values/digest.ts';
import { tempFolder } from '../../../support/temp-folder.ts';
import { writeFiles } from '../../../support/write-files.ts';
import { inventoryLaw, listed } from '../../inventory.testsuite.ts';

inventoryLaw({ open: async () => openState(parseConfig({ SKILLOS_ROOT: tempFolder() })) });

test('lists no files that are none of its own', async () => {
  const root = tempFolder();
  writeFiles(root, {
    'logs/execution.log': '',
    'logs/.x/a.jsonl': '',
    'runtime/records/.locks/a.json': '',
    [`runtime/blobs/.locks/${sha256('a')}`]: '',
  });
  const { inventory } = openState(parseConfig({ SKILLOS_ROOT: root }));
  await expect(listed(inventory.blobs())).resolves.toEqual([]);
  await expect(listed(inventory.logs())).resolves.toEqual([]);
  await expect(inventory.kinds()).resolves.toEqual([]);
});
