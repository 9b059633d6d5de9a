/** Runs in the skill process: notices what a skill changes of its process and leaves behind for the next call. */
import { Buffer } from 'node:buffer';
import process from 'node:process';

/** Objects that all code shares. Those that Node loads when they are first used are left out, because reading loads them. */
const CONSTRUCTORS = [
  Object,
  Function,
  Array,
  String,
  Number,
  Boolean,
  Symbol,
  BigInt,
  Date,
  RegExp,
  Promise,
  Map,
  Set,
  WeakMap,
  WeakSet,
  Error,
  TypeError,
  RangeError,
  ArrayBuffer,
  Uint8Array,
  Buffer,
  URL,
];
const SHARED: readonly object[] = CONSTRUCTORS.flatMap((constructor) => [
  constructor,
  constructor.prototype as object,
]);
const NAMESPACES: readonly object[] = [JSON, Math, Reflect, console];

interface Seen {
  readonly object: object;
  readonly size: number;
  readonly values: readonly (readonly [PropertyKey, unknown])[];
}

/**
 * Remembers the process as it is now. The function that is returned is true if the working directory, the environment, a
 * built-in object, a global, the timers that keep the process alive or the listeners of `process` differ, or if what the
 * skill has put in their place throws.
 */
export function rememberProcess(): () => boolean {
  const objects = [...SHARED, ...NAMESPACES].map(see);
  const { values: globals } = see(globalThis);
  const before = surroundings();
  const isChanged = () =>
    surroundings() !== before ||
    objects.some(
      ({ object, size, values }) => Reflect.ownKeys(object).length !== size || isOther(object, values),
    ) ||
    isOther(globalThis, globals); // new globals are the skill's own
  return () => {
    try {
      return isChanged();
    } catch {
      return true;
    }
  };
}

function surroundings(): string {
  const timers = process
    .getActiveResourcesInfo()
    .filter((name) => name === 'Timeout' || name === 'Immediate');
  const listeners = process.eventNames().map((name) => process.listenerCount(name));
  const sum = listeners.reduce((total, count) => total + count, 0);
  return JSON.stringify([folder(), process.env, timers.length, sum]);
}

/** Undefined if it was removed. */
function folder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/** Leaves out getters: Node replaces those of lazy globals by values when they are first read. */
function see(object: object): Seen {
  const keys = Reflect.ownKeys(object);
  const values = keys.flatMap((key) => {
    const property = Object.getOwnPropertyDescriptor(object, key);
    return property !== undefined && 'value' in property ? [[key, property.value as unknown] as const] : [];
  });
  return { object, size: keys.length, values };
}

function isOther(object: object, values: Seen['values']): boolean {
  return values.some(([key, value]) => !Object.is(Reflect.get(object, key), value));
}
