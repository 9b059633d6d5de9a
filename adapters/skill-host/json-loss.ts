/** Runs in the skill process: names values of JavaScript that JSON.stringify drops or empties without an error. */

/** Built-in objects whose content JSON reads: by their fields, or as the primitive inside. */
const READABLE = new Set(['Object', 'Array', 'Number', 'String', 'Boolean', 'Arguments', 'Module']);

/** An object or array that is being serialised, and its name or index in the one before it. */
interface Level {
  readonly value: unknown;
  readonly key: string;
}

const MAX_PLACE_CHARS = 200;

/**
 * Returns a replacer for `JSON.stringify`, which calls it depth first with the holder of the value as `this`. It throws what
 * `refuse` makes of the reason.
 */
export function refusingLoss(
  refuse: (reason: string) => Error,
): (this: unknown, key: string, value: unknown) => unknown {
  const levels: Level[] = [];
  return function check(key, value) {
    while (levels.length > 0 && levels.at(-1)?.value !== this) levels.pop();
    const original = (this as Readonly<Record<string, unknown>>)[key];
    const isCycle = typeof value === 'object' && levels.some((level) => level.value === value);
    const loss = isCycle ? 'an object that contains itself' : lossIn(value, original);
    if (loss !== undefined) throw refuse(`got ${loss}${placeOf(levels, key)}`);
    if (typeof value === 'object' && value !== null) levels.push({ value, key });
    return value;
  };
}

/** The first level is the whole value, whose key is empty. */
function placeOf(levels: readonly Level[], key: string): string {
  if (levels.length === 0) return '';
  const names = [...levels.slice(1).map((level) => level.key), key];
  const place = names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return ` at ${JSON.stringify(place.slice(0, MAX_PLACE_CHARS))}`;
}

/**
 * Returns a noun for what would be lost, or undefined. `value` is what `JSON.stringify` writes, and `original` is what the
 * skill returned at this place; they differ if `original` has a `toJSON`.
 */
export function lossIn(value: unknown, original: unknown = value): string | undefined {
  if (original instanceof Date && Number.isNaN(original.getTime())) return 'an invalid Date';
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') {
    return `a ${typeof value}`;
  }
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : String(value);
  return typeof value === 'object' && value !== null ? lossInObject(value) : undefined;
}

function lossInObject(object: object): string | undefined {
  if (Array.isArray(object)) return lossInArray(object);
  if (!READABLE.has(tagOf(object)) || ArrayBuffer.isView(object)) return withArticle(nameOf(object));
  if (Object.getOwnPropertySymbols(object).some((key) => isEnumerable(object, key))) {
    return 'a property whose name is a symbol';
  }
  return lossInInstance(object);
}

/** JSON keeps the elements alone, for example of the array that `String.prototype.match` returns. */
function lossInArray(array: readonly unknown[]): string | undefined {
  const last = Object.keys(array).at(-1); // indices come before names
  return last === undefined || /^\d+$/.test(last) ? undefined : `an array with the property "${last}"`;
}

/** An instance of a class is written by its fields. Refused if it has none, or has getters, whose values are no fields. */
function lossInInstance(object: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (isPlain(prototype) || tagOf(object) !== 'Object') return undefined;
  const getter = Object.entries(Object.getOwnPropertyDescriptors(prototype)).find(
    ([, descriptor]) => descriptor.get !== undefined,
  );
  const name = withArticle(nameOf(object));
  if (getter) return `${name} with the getter "${getter[0]}"`;
  return Object.keys(object).length === 0 ? `${name} without fields` : undefined;
}

/** True also for plain objects of another realm, such as a `vm` context. */
function isPlain(prototype: unknown): prototype is null {
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function tagOf(object: object): string {
  return Object.prototype.toString.call(object).slice('[object '.length, -1);
}

function nameOf(object: object): string {
  const { constructor } = object as { readonly constructor?: unknown };
  const name = typeof constructor === 'function' && constructor.name;
  return name && name !== 'Object' ? name : tagOf(object);
}

function withArticle(name: string): string {
  return `${/^[AEIO]/i.test(name) ? 'an' : 'a'} ${name}`;
}

function isEnumerable(object: object, key: symbol): boolean {
  return Object.prototype.propertyIsEnumerable.call(object, key);
}
