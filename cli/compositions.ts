/** What commands about compositions share: their ports, and how a version is shown. */
import { openCompositions } from '../adapters/composition-files.ts';
import { manifestEditor } from '../adapters/manifest-edit.ts';
import type { CompositionPorts } from '../client/compositions.ts';
import { stepTexts } from '../core/composition.ts';
import type { Composition, CompositionSteps } from '../core/composition.ts';
import type { Runtime } from './runtime.ts';

export function compositionPorts({ root, ports }: Pick<Runtime, 'root' | 'ports'>): CompositionPorts {
  return { ...ports, compositions: openCompositions(root), editManifest: manifestEditor(root) };
}

/** `1 travel/search_flights | travel/search_hotels`, a line a step. */
export function stepLines(steps: CompositionSteps): readonly string[] {
  return stepTexts(steps).map((text, index) => `  ${index + 1} ${text}`);
}

export function compositionDocument(
  { id, version, steps }: Pick<Composition, 'id' | 'version' | 'steps'>,
  active: boolean,
) {
  return { schema: 'skillos.composition/v1', skill: id, version, active, steps };
}
