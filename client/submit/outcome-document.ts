/** Outcomes as `skillos.run/v1`, for `--json` and the API. */
import type { JsonObject } from '../../core/json.ts';
import { previewDocument } from '../../core/preparing/preview.ts';
import { routedDocument, routingDocument } from '../../core/routing/routing-document.ts';
import { runDocument } from '../../core/runs/run-document.ts';
import { segmentDocuments } from '../../core/splitting/split-document.ts';
import type { Previewed } from './preview.ts';
import type { FoundByWords, Outcome } from './submission.ts';

type RunDocument = JsonObject & { readonly schema: string };

export function outcomeDocument(outcome: Outcome): RunDocument {
  switch (outcome.kind) {
    case 'found':
      return foundDocument(outcome.found);
    case 'previewed':
      return { ...previewedDocument(outcome.previewed), ...outcome.document };
    case 'stopped':
      return { ...runDocument(outcome.parts), ...outcome.document, ...replayed(outcome) };
    case 'going_on': {
      const { runId, status, url } = outcome;
      const where = url === undefined ? {} : { url };
      return {
        schema: 'skillos.run/v1',
        run_id: runId,
        status,
        steps: [],
        ...where,
        ...outcome.document,
        ...replayed(outcome),
      };
    }
  }
}

function replayed({ isReplayed }: { readonly isReplayed: boolean }): JsonObject {
  return isReplayed ? { replayed: true } : {};
}

function foundDocument(found: FoundByWords): RunDocument {
  if (found.kind === 'routing') return { ...routedDocument(found.routing), ...splitFields(found) };
  const steps = segmentDocuments(found.plan);
  return { schema: 'skillos.run/v1', status: 'routed', ...splitFields(found), steps };
}

function previewedDocument(previewed: Previewed): RunDocument {
  if (previewed.status === 'ready') return previewDocument(previewed.preview, previewed.request);
  const { reason, policy, message } = previewed;
  const error = { code: reason, message };
  return { schema: 'skillos.run/v1', status: 'blocked', reason, policy, error, steps: [] };
}

/** Additional fields of the document of a routed run. */
export function routedFields(found: FoundByWords): JsonObject {
  const how =
    found.kind === 'routing'
      ? { routing: routingDocument(found.routing) }
      : { segments: segmentDocuments(found.plan) };
  return { ...splitFields(found), ...how };
}

function splitFields(found: FoundByWords): JsonObject {
  if (found.split === undefined) return {};
  const { mode, reasons } = found.split;
  return { mode, decision: { kind: found.kind === 'parts' ? found.plan.kind : 'whole', reasons } };
}
