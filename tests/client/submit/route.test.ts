import { routeCached, routeFor } from '../../../client/submit/route.ts';
import type { CachedRoutingFor } from '../../../client/submit/route.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import type { Rights } from '../../../core/rights/permission-policy.ts';
import { buildRoutingIndex } from '../../../core/routing/routing-index.ts';
import type { RoutingCache } from '../../../core/routing/routing-cache.ts';
import type { Routing } from '../../../core/routing/routing.ts';
import { aRights } from '../../support/builders.ts';
import { anEntry, catalogsOf, skillsOf } from '../../support/entries.ts';
import { aDocument } from '../../support/routing-documents.ts';

const ENTRIES = [
  anEntry('admin/delete_records', { tags: ['admin'] }),
  anEntry('admin/list_records'),
  anEntry('admin/erase_records', { deprecated: true, replacement_id: 'admin/delete_records' }),
  anEntry('shop/delete_orders', { permissions: ['shop:write'] }),
  anEntry('travel/search_flights'),
];
const index = buildRoutingIndex([
  aDocument('admin/delete_records', 'Delete stored records for good'),
  aDocument('admin/list_records', 'Show the stored records'),
  aDocument('admin/erase_records', 'Obliterate records', {
    deprecated: true,
    replacement: ENTRIES[0]?.id as never,
  }),
  aDocument('shop/delete_orders', 'Delete orders of the shop'),
  aDocument('travel/search_flights', 'Find flights between two cities'),
]);
const catalogs = catalogsOf(skillsOf(...ENTRIES));

const FILE = {
  roles: { admin: ['*'], reader: ['admin:read'], cleaner: ['admin:write'] },
  policies: [
    { skill_id: 'admin/list_*', required_permissions: ['admin:read'] },
    { skill_id: 'admin/delete_*', required_permissions: ['admin:write'] },
    { skill_id: 'admin/erase_*', required_permissions: ['admin:erase'] },
  ],
};

function routed(text: string, rights: Partial<Rights>): Promise<Routing> {
  return routeFor({ index, query: { text, minConfidence: 0 }, catalogs, rights: aRights(rights) });
}

async function shown(text: string, roles: readonly string[]): Promise<readonly string[]> {
  const file = parsePermissionFile(JSON.stringify(FILE));
  const routing = await routed(text, { file, principal: { subject: 'ann', roles, via: 'local' } });
  return [...('skill' in routing ? [routing] : []), ...routing.alternatives].map(({ skill }) => skill).sort();
}

describe('routeCached with an embedding model', () => {
  const stored = new Map<string, Routing>();
  const cache: RoutingCache = {
    get: async (key) => stored.get(key),
    put: async (key, routing) => void stored.set(key, routing),
  };
  const call = {
    query: { text: 'somewhere else', minConfidence: 0 },
    catalogs,
    rights: aRights(),
    cache,
    openIndex: async () => index,
    version: async () => '1',
  };
  const similarity = Float32Array.from(index.skills, ({ id }) => Number(id === 'travel/search_flights'));
  const model = (answer: typeof similarity | undefined) => ({ id: 'm', similarityTo: async () => answer });

  test('keeps an answer of the model, and not one that was given without it', async () => {
    await routeCached({ ...call, embeddings: model(undefined) });
    expect(stored.size).toBe(0);
    expect(await routeCached({ ...call, embeddings: model(similarity) })).toMatchObject({
      skill: 'travel/search_flights',
    });
    expect(stored.size).toBe(1);
    await routeCached(call);
    expect(stored.size).toBe(2); // words alone have a key of their own
  });
});

describe('routeFor', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['Delete records', ['admin'], ['admin/delete_records', 'admin/list_records', 'shop/delete_orders']],
    ['Delete records', ['reader'], ['admin/list_records']],
    ['Delete records', [], []],
    ['Find flights', [], ['travel/search_flights']],
  ])('shows for %j as %j: %j', async (text, roles, expected) => {
    expect(await shown(text, roles)).toEqual(expected);
  });

  test('does not take what was meant for a hidden skill for the next best', async () => {
    const file = parsePermissionFile(JSON.stringify(FILE));
    const ask = (roles: readonly string[]) =>
      routeFor({
        index,
        query: { text: 'Delete stored records for good', minConfidence: 0.5 },
        catalogs,
        rights: aRights({ file, principal: { subject: 'ann', roles, via: 'local' } }),
      });
    const meant = await ask(['admin']);
    expect(meant).toMatchObject({ status: 'routed', skill: 'admin/delete_records' });
    const instead = await ask(['reader']);
    expect(instead).toMatchObject({ status: 'low_confidence', skill: 'admin/list_records' });
    expect(instead.confidence).toBeLessThanOrEqual(1 - meant.confidence);
  });

  test('shows everything where there are no policies', async () => {
    expect(await routed('Delete orders', {})).toMatchObject({ skill: 'shop/delete_orders' });
  });

  test('names the deprecated skill that was replaced only to who might run it', async () => {
    const file = parsePermissionFile(JSON.stringify(FILE));
    const as = (role: string) => ({
      file,
      principal: { subject: 'ann', roles: [role], via: 'local' as const },
    });
    expect(await routed('Obliterate', as('admin'))).toMatchObject({
      skill: 'admin/delete_records',
      replaces: 'admin/erase_records',
    });
    const hidden = await routed('Obliterate', as('cleaner'));
    expect(hidden).toMatchObject({ skill: 'admin/delete_records' });
    expect(JSON.stringify(hidden)).not.toContain('erase');
  });

  test.each<[Partial<Rights>, string]>([
    [{ file: parsePermissionFile('{') }, 'policy_invalid'],
    [{ production: true }, 'permission_denied'],
  ])('rejects where nobody is allowed anything: %#', async (rights, code) => {
    await expect(routed('Find flights', rights)).rejects.toMatchObject({ code });
  });

  test('goes on past many skills that are hidden', async () => {
    const many = Array.from({ length: 300 }, (_, n) => `admin/delete_${n}`);
    const documents = [...many, 'open/delete_things'].map((id) => aDocument(id, 'Delete things'));
    const entries = [...many, 'open/delete_things'].map((id) => anEntry(id));
    const routing = await routeFor({
      index: buildRoutingIndex(documents),
      query: { text: 'Delete things', minConfidence: 0 },
      catalogs: catalogsOf(skillsOf(...entries)),
      rights: aRights({ file: parsePermissionFile(JSON.stringify(FILE)) }),
    });
    expect(routing).toMatchObject({ skill: 'open/delete_things', alternatives: [] });
  });
});

describe('routeCached', () => {
  const QUERY = { text: 'Delete records', minConfidence: 0.5 };
  const file = parsePermissionFile(JSON.stringify(FILE));
  const rightsOf = (...roles: readonly string[]) =>
    aRights({ file, principal: { subject: 'ann', roles, via: 'local' } });

  /** Answers and how they came about, with a cache of its own. */
  function cached(answers = new Map<string, Routing>()) {
    const happened: string[] = [];
    const cache: RoutingCache = {
      get: async (key) => answers.get(key),
      put: async (key, routing) => void answers.set(key, routing),
    };
    const ask = (more: Partial<CachedRoutingFor> = {}) =>
      routeCached({
        query: QUERY,
        catalogs,
        rights: rightsOf('admin'),
        cache,
        version: async () => '1',
        openIndex: async () => {
          happened.push('index');
          return index;
        },
        onLookup: (result) => happened.push(result),
        ...more,
      });
    return { ask, answers, happened };
  }

  /** Whatever is asked, the cache says this. */
  const saying = (routing: unknown): RoutingCache => ({
    get: async (_key, holds) => ((await holds(routing as Routing)) ? (routing as Routing) : undefined),
    put: async () => undefined,
  });

  test('answers twice the same, the second time without the index', async () => {
    const { ask, happened } = cached();
    const first = await ask();
    expect(await ask()).toEqual(first);
    expect(happened).toEqual(['miss', 'index', 'hit']);
  });

  test('routes without a cache', async () => {
    const { ask, happened } = cached();
    expect(await ask({ cache: undefined })).toMatchObject({ skill: 'admin/delete_records' });
    expect(happened).toEqual(['index']);
  });

  test.each<[string, Partial<CachedRoutingFor>]>([
    ['after an edit', { version: async () => '2' }],
    ['for another caller', { rights: rightsOf('reader') }],
    ['for other tags', { query: { ...QUERY, tags: ['admin'] } }],
    ['for another limit', { query: { ...QUERY, minConfidence: 0.9 } }],
    ['under other policies', { rights: aRights({ file: parsePermissionFile('{}') }) }],
  ])('checks again %s', async (_when, more) => {
    const { ask, happened } = cached();
    await ask();
    await ask(more);
    expect(happened).toEqual(['miss', 'index', 'miss', 'index']);
  });

  const known = {
    status: 'routed',
    skill: 'admin/delete_records',
    confidence: 0.9,
    alternatives: [],
    reasons: [],
  };

  test.each<[string, object]>([
    ['a skill that is gone', { ...known, skill: 'admin/gone' }],
    ['an alternative that is gone', { ...known, alternatives: [{ skill: 'admin/gone', confidence: 0.1 }] }],
    ['a skill that the caller may not run', { ...known, skill: 'admin/erase_records' }],
    ['the replacement of a hidden one', { ...known, replaces: 'admin/erase_records' }],
    ['more trust than its confidence is worth', { ...known, confidence: 0.4 }],
  ])('does not believe a cache that names %s', async (_what, routing) => {
    const { ask, happened } = cached();
    const rights = rightsOf('reader', 'cleaner');
    const answer = await ask({ cache: saying(routing), rights });
    expect(happened).toEqual(['stale', 'index']);
    expect(answer).toEqual(await routeFor({ index, query: QUERY, catalogs, rights }));
  });

  test('rejects where nobody is allowed anything, whatever the cache says', async () => {
    const { ask, happened } = cached();
    const rights = aRights({ file: parsePermissionFile('{') });
    await expect(ask({ cache: saying(known), rights })).rejects.toMatchObject({ code: 'policy_invalid' });
    expect(happened).toEqual([]);
  });
});
