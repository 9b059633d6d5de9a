/** Registers the search attributes of runs on a namespace, by Temporal's operator API. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionLike } from '@temporalio/client';
import { SkillosError } from '../core/errors/errors.ts';
import { SEARCH_ATTRIBUTES } from '../core/runs/search-attributes.ts';

/** `IndexedValueType` of the API; the generated enum cannot be imported by name from an ES module. */
const TYPES = { KEYWORD: 2, KEYWORD_LIST: 7 } as const;
const WANTED = Object.values(SEARCH_ATTRIBUTES);
const EFFECT_TIMEOUT_MS = 30_000;
const POLL_INTERVAL_MS = 50;

/**
 * Adds missing attributes; resolves to their names once queries accept them. Rejects with `temporal_setup_needed` if one
 * exists with another type, or the server refuses it.
 */
export async function registerSearchAttributes(
  connection: ConnectionLike,
  namespace: string,
): Promise<readonly string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = WANTED.filter(({ name, type }) => {
    const found: number | undefined = customAttributes[name];
    if (found === undefined || found === TYPES[type]) return found === undefined;
    throw refused(`The search attribute "${name}" of namespace "${namespace}" is not a ${type}`);
  });
  if (missing.length === 0) return [];
  const searchAttributes = Object.fromEntries(missing.map(({ name, type }) => [name, TYPES[type]]));
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (cause) {
    throw refused(`The namespace "${namespace}" accepts no search attributes`, cause);
  }
  await untilEffective(connection, namespace);
  return missing.map(({ name }) => name);
}

/** The server uses its cached mapping for some seconds more. */
async function untilEffective(connection: ConnectionLike, namespace: string): Promise<void> {
  const query = WANTED.map(({ name }) => `${name} = 'none'`).join(' OR ');
  const deadline = performance.now() + EFFECT_TIMEOUT_MS;
  for (;;) {
    try {
      await connection.workflowService.countWorkflowExecutions({ namespace, query });
      return;
    } catch (cause) {
      if (performance.now() > deadline)
        throw refused(
          `Search attributes of "${namespace}" are still unknown after ${EFFECT_TIMEOUT_MS / 1000} s`,
          cause,
        );
    }
    await sleep(POLL_INTERVAL_MS);
  }
}

function refused(message: string, cause?: unknown): SkillosError {
  return new SkillosError('temporal_setup_needed', message, { cause });
}
