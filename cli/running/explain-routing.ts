/** Explains how a query was routed; asks the index and the embedding model again. */
import { rankedBy } from '../../client/submit/route.ts';
import type { RoutingPorts } from '../../client/submit/submission.ts';
import type { JsonObject } from '../../core/json.ts';
import { explainRouting, explanationDocument } from '../../core/routing/explanation.ts';
import type { Routing } from '../../core/routing/routing.ts';
import { explanationLines } from '../views/explanation.ts';

interface Routed {
  readonly routing: Routing;
  readonly text: string;
  readonly tags: readonly string[];
  readonly tenant: string;
}

export interface Explained {
  readonly text: readonly string[];
  /** The field `explanation`. */
  readonly json: JsonObject;
}

export async function explainRouted(
  { openIndex, embeddings, feedback, minConfidence }: RoutingPorts,
  { routing, text, tags, tenant }: Routed,
): Promise<Explained> {
  const index = await openIndex();
  const corrections = await feedback?.(tenant);
  const similarity = await embeddings?.similarityTo(index, text);
  const query = rankedBy({ query: { text, tags, minConfidence }, corrections, similarity });
  const explanation = explainRouting(index, query, routing);
  return {
    text: explanationLines(explanation, routing),
    json: { explanation: explanationDocument(explanation) },
  };
}
