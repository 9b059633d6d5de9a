/** The log of deployments: what was deployed when and by whom. Their contents are blobs. */
import { SkillosError } from '../errors/errors.ts';
import type { JsonObject } from '../json.ts';
import type { ListPage, Records } from '../storage/records.ts';
import { shortId } from './content.ts';

export interface Deployment {
  /** SHA-256 of its content. */
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly by: string;
  readonly message?: string;
  /** Number of skills, compositions included. */
  readonly skills: number;
  readonly files: number;
}

export const MAX_MESSAGE = 500;

export const DEPLOYMENTS_KIND = 'deployments';
const PAGE = 500;
const DIGITS = /^[0-9a-f]{4,64}$/;

type Stored = Deployment & JsonObject;

/** Adds an entry under a ULID, so that entries are in the order of time. */
export async function recordDeployment(records: Records, key: string, deployment: Deployment): Promise<void> {
  await records.update<Stored>(DEPLOYMENTS_KIND, key, () => ({ ...deployment }));
}

/** Removes an entry whose deployment was refused. */
export async function forgetDeployment(records: Records, key: string): Promise<void> {
  await records.update<Stored>(DEPLOYMENTS_KIND, key, () => undefined);
}

/** Newest first. `next` is the `after` of the next page; absent on the last one. */
export async function listDeployments(
  records: Records,
  page: Pick<ListPage, 'after'> & { readonly limit: number },
): Promise<{ readonly items: readonly Deployment[]; readonly next?: string }> {
  const found = await records.list<Stored>(DEPLOYMENTS_KIND, {
    ...page,
    limit: page.limit + 1,
    descending: true,
  });
  const items = found.slice(0, page.limit);
  const last = items.at(-1);
  return {
    items: items.map(({ value }) => value),
    ...(found.length > items.length && last !== undefined && { next: last.key }),
  };
}

/**
 * Finds a deployment by its id or the first digits of it. Rejects with `unknown_deployment`, and with `usage` if the digits are
 * those of several.
 */
export async function findDeployment(records: Records, given: string): Promise<Deployment> {
  if (!DIGITS.test(given)) {
    const shown = JSON.stringify(given.slice(0, 80));
    throw new SkillosError(
      'usage',
      `Invalid deployment ${shown}: expected 4 to 64 digits of its id, 0-9 and a-f`,
    );
  }
  const found = new Map<string, Deployment>();
  let after: string | undefined;
  do {
    const page = await listDeployments(records, { limit: PAGE, ...(after !== undefined && { after }) });
    for (const each of page.items)
      if (each.id.startsWith(given) && !found.has(each.id)) found.set(each.id, each);
    after = page.next;
  } while (after !== undefined);
  const [first, ...others] = found.values();
  if (first === undefined) throw unknown(given);
  if (others.length === 0) return first;
  const ids = [...found.keys()].map(shortId).join(', ');
  throw new SkillosError(
    'usage',
    `"${given}" begins several deployments: expected more digits of one of ${ids}`,
  );
}

function unknown(given: string): SkillosError {
  return new SkillosError('unknown_deployment', `Unknown deployment "${shortId(given)}"`);
}
