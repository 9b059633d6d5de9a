/** The law of `Inventory`: every backend passes it. */
import type { Blobs } from '../../core/storage/blobs.ts';
import type { Inventory } from '../../core/storage/inventory.ts';
import type { Journal } from '../../core/storage/journal.ts';
import type { Records } from '../../core/storage/records.ts';

export interface InventoryBackend {
  /** An empty store. */
  readonly open: () => Promise<{
    readonly records: Records;
    readonly journal: Journal;
    readonly blobs: Blobs;
    readonly inventory: Inventory;
  }>;
}

export async function listed(names: AsyncIterable<string>): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const name of names) found.push(name);
  return found;
}

export function inventoryLaw(backend: InventoryBackend): void {
  test('lists nothing in an empty store', async () => {
    const { inventory } = await backend.open();
    await expect(inventory.kinds()).resolves.toEqual([]);
    for (const names of [inventory.keys('things'), inventory.logs(), inventory.blobs()])
      await expect(listed(names)).resolves.toEqual([]);
    await inventory.removeLogs(['none']);
  });

  test('lists what was stored, in the order of the bytes', async () => {
    const { records, journal, blobs, inventory } = await backend.open();
    for (const kind of ['b-kind', 'a'])
      for (const key of ['b', 'B', 'a.x', 'a-x', 'a']) await records.update(kind, key, () => ({ kind }));
    const logs = ['a', 'a-b', 'a/b', 'a.b', 'a/b/c', 'a/b.c', 'b'];
    for (const log of logs) await journal.append(log, [{ log }, { log }]);
    const hashes = await Promise.all(['x', 'y', 'z'].map((text) => blobs.put(Buffer.from(text))));
    await expect(inventory.kinds()).resolves.toEqual(['a', 'b-kind']);
    await expect(listed(inventory.keys('a'))).resolves.toEqual(['B', 'a', 'a-x', 'a.x', 'b']);
    await expect(listed(inventory.logs())).resolves.toEqual([...logs].sort());
    await expect(listed(inventory.blobs())).resolves.toEqual([...hashes].sort());
  });

  test('removes whole logs and no other', async () => {
    const { journal, inventory } = await backend.open();
    for (const log of ['runs/a', 'runs/b', 'runs']) await journal.append(log, [{ log }]);
    await inventory.removeLogs(['runs/a', 'runs']);
    await expect(listed(inventory.logs())).resolves.toEqual(['runs/b']);
    await expect(journal.read('runs/a')).resolves.toEqual({ entries: [], next: 0 });
  });
}
