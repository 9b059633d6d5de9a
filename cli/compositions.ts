/** Ports and documents of the commands for compositions. */
import { openCompositions } from '../adapters/catalog/composition-files.ts';
import { manifestEditor } from '../adapters/catalog/manifest-edit.ts';
import type { CompositionPorts } from '../client/compositions/compositions.ts';
import { stepTexts } from '../core/skills/composition.ts';
import type { Composition, CompositionSteps } from '../core/skills/composition.ts';
import type { Runtime } from './runtime.ts';

export function compositionPorts({ root, ports }: Pick<Runtime, 'root' | 'ports'>): CompositionPorts {
  return { ...ports, compositions: openCompositions(root), editManifest: manifestEditor(root) };
}

/** Returns `1 travel/search_flights | travel/search_hotels`, one line per step. */
export function stepLines(steps: CompositionSteps): readonly string[] {
  return stepTexts(steps).map((text, index) => `  ${index + 1} ${text}`);
}

export function compositionDocument(
  { id, version, steps }: Pick<Composition, 'id' | 'version' | 'steps'>,
  active: boolean,
) {
  return { schema: 'skillos.composition/v1', skill: id, version, active, steps };
}
