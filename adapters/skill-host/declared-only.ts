/** Runs in the skill process: objects of which a skill may read only what its manifest declares. */
import { ConnectorError } from './failure.ts';

interface Declared<Item> {
  /** Of the manifest. */
  readonly field: 'connectors' | 'secrets';
  readonly names: readonly string[];
  readonly read: (name: string) => Item;
  /** False if JSON and loops over the object must not show the items. */
  readonly isEnumerable: boolean;
}

/** Names that `JSON.stringify` and `await` read of any object. */
const READ_BY_JAVASCRIPT: ReadonlySet<string> = new Set(['toJSON', 'then']);

/** Reading any other name throws `connector_not_declared`. */
export function declaredOnly<Item>({
  field,
  names,
  read,
  isEnumerable,
}: Declared<Item>): Readonly<Record<string, Item>> {
  const declared = new Set<string | symbol>(names);
  return new Proxy<Record<string, Item>>(
    {},
    {
      get(_target, name) {
        if (typeof name === 'string' && declared.has(name)) return read(name);
        if (typeof name === 'symbol' || READ_BY_JAVASCRIPT.has(name)) return undefined;
        const message = `Expected ${field} in the manifest to list ${JSON.stringify(name)}`;
        throw new ConnectorError('connector_not_declared', message);
      },
      ownKeys: () => [...declared],
      getOwnPropertyDescriptor: (_target, name) =>
        declared.has(name) ? { enumerable: isEnumerable, configurable: true } : undefined,
      has: (_target, name) => declared.has(name),
    },
  );
}
