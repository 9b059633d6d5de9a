/** Goes through all documents of a kind. */
import type { JsonObject } from '../json.ts';
import type { ListPage, Records, Stored } from './records.ts';

const PAGE = 1000;

/** All documents, in the order of their keys, in pages; `limit` is the size of a page, by default 1000. The last may be empty. */
export async function* pagesOf<T extends JsonObject>(
  records: Pick<Records, 'list'>,
  kind: string,
  { limit = PAGE, ...page }: Pick<ListPage, 'limit' | 'descending'> = {},
): AsyncGenerator<readonly Stored<T>[]> {
  for (let after: string | undefined; ;) {
    const found = await records.list<T>(kind, { ...page, limit, ...(after === undefined ? {} : { after }) });
    yield found;
    after = found.at(-1)?.key;
    if (found.length < limit) return;
  }
}
