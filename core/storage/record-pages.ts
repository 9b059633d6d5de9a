/** Goes through all documents of a kind. */
import type { JsonObject } from '../json.ts';
import type { AllPages, Records, Stored } from './records.ts';

const PAGE = 1000;

/**
 * All documents, in the order of their keys, in pages of at most `limit`, by default 1000. The last may be empty. Costs as much
 * as the documents on every store.
 */
export async function* pagesOf<T extends JsonObject>(
  records: Pick<Records, 'list' | 'pages'>,
  kind: string,
  { limit = PAGE, ...order }: Partial<AllPages> = {},
): AsyncGenerator<readonly Stored<T>[]> {
  if (records.pages !== undefined) return yield* records.pages<T>(kind, { limit, ...order });
  for (let after: string | undefined; ;) {
    const found = await records.list<T>(kind, { ...order, limit, ...(after === undefined ? {} : { after }) });
    yield found;
    after = found.at(-1)?.key;
    if (found.length < limit) return;
  }
}
