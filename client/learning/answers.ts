/** Keeps what the router answered: the last query of each caller, and a line per request for metrics. */
import { routingLog } from '../../core/learning/ended-runs.ts';
import type { RoutedRequest } from '../../core/learning/ended-runs.ts';
import type { Caller } from '../../core/rights/caller.ts';
import type { Routing } from '../../core/routing/routing.ts';
import { sha256 } from '../../core/values/digest.ts';
import type { ClientPorts } from '../ports.ts';
import type { LastQueries } from './last-query.ts';

export interface Answer {
  readonly query: string;
  readonly routing: Routing;
  /** True if the caller chose the skill by its id, so that it is no answer of the router. */
  readonly isChosen: boolean;
}

type KeepAnswer = (caller: Caller, answer: Answer) => Promise<void>;

/** Never rejects: a query is routed also where nothing can be written. */
export function answerKeeper(
  { journal, now }: Pick<ClientPorts, 'journal' | 'now'>,
  queries: Pick<LastQueries, 'remember'>,
): KeepAnswer {
  return async (caller, answer) => {
    const { query, routing, isChosen } = answer;
    const line = routedRequest(answer, new Date(now()).toISOString());
    const isRemembered = !isChosen && routing.status !== 'no_skill_found';
    await Promise.allSettled([
      journal.append(routingLog(caller.tenant), [line]),
      ...(isRemembered ? [queries.remember(caller, { query, skill: routing.skill })] : []),
    ]);
  };
}

function routedRequest({ query, routing, isChosen }: Answer, at: string): RoutedRequest {
  return {
    at,
    query: sha256(query),
    status: routing.status,
    ...(routing.status === 'no_skill_found' ? {} : { skill: routing.skill }),
    confidence: routing.confidence,
    ...(isChosen && { override: true as const }),
  };
}
