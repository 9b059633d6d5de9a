/** Changes between deployments, one line each. */
import type { DeploymentChange } from '../../../core/deployments/difference.ts';
import { plain } from '../../views/plain-text.ts';

const MARKS = { added: '+', changed: '~', removed: '-' } as const;

export function changeLines(changes: readonly DeploymentChange[]): readonly string[] {
  return changes.map(({ change, kind, name }) =>
    plain(`${MARKS[change]} ${kind === 'code' ? `code of ${name}` : name}`),
  );
}
