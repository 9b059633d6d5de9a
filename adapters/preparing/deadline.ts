/** Runs synchronous code under a deadline: V8 stops it where it is, also within a regular expression. */
import { createContext, Script } from 'node:vm';

interface Caller {
  call?: () => unknown;
}

const CALL = new Script('call()');
let caller: Caller | undefined;

/** Returns undefined if the function takes longer. Objects that it was changing may be left half changed. */
export function within<T>(maxMs: number, run: () => T): { readonly value: T } | undefined {
  const context = (caller ??= createContext({}) as Caller);
  context.call = run;
  try {
    return { value: CALL.runInContext(context, { timeout: maxMs }) as T };
  } catch (error) {
    if ((error as { readonly code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      return undefined;
    throw error;
  } finally {
    delete context.call;
  }
}
