/** The law of `RecordRemoval`: every backend passes it. */
import type { RecordRemoval, Records } from '../../core/storage/records.ts';

export interface RecordRemovalBackend {
  /** An empty store. */
  open(): Promise<Records & RecordRemoval>;
}

export function recordRemovalLaw(backend: RecordRemovalBackend): void {
  test('removes many documents, but none that has changed since it was read', async () => {
    const records = await backend.open();
    const keys = Array.from({ length: 20 }, (_, n) => `k${n}`);
    for (const key of keys)
      await records.update('runs', key, () => ({ status: 'success', text: '\u0000é', endedAt: 'x' }));
    const read = await records.list('runs');
    await records.update('runs', 'k3', (current) => ({ ...current, endedAt: 'y' }));
    await records.update('runs', 'k4', () => undefined);
    const removed = await records.removeUnchanged('runs', read);
    expect([...removed].sort()).toEqual(keys.filter((key) => key !== 'k3' && key !== 'k4').sort());
    const left = [{ key: 'k3', value: { status: 'success', text: '\u0000é', endedAt: 'y' } }];
    await expect(records.list('runs')).resolves.toEqual(left);
    await expect(records.list('runs', { where: { status: ['success'] } })).resolves.toEqual(left);
    await expect(records.removeUnchanged('runs', [])).resolves.toEqual([]);
  });

  test('a list finds what was made again after its removal', async () => {
    const records = await backend.open();
    const where = { status: ['success'] };
    await records.update('runs', 'a', () => ({ status: 'error', endedAt: 'x' }));
    await records.list('runs', { where });
    await records.removeUnchanged('runs', await records.list('runs'));
    await records.update('runs', 'a', () => ({ status: 'success', endedAt: 'x' }));
    await expect(records.list('runs', { where })).resolves.toHaveLength(1);
  });
}
