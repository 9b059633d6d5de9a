/** What one deployment changes against another. */
import type { DeploymentContent } from './content.ts';

/** A type, because an interface is no `JsonObject`. */
export type DeploymentChange = {
  readonly change: 'added' | 'changed' | 'removed';
  /** `code` names a skill, or a variant as `domain/name@variant`. */
  readonly kind: 'file' | 'code';
  readonly name: string;
};

/** Files first, each kind sorted by name. Without `before`, all of it is added. */
export function changesBetween(
  before: DeploymentContent | undefined,
  after: DeploymentContent,
): readonly DeploymentChange[] {
  return [
    ...changesOf('file', before?.files ?? {}, after.files),
    ...changesOf('code', before?.code ?? {}, after.code),
  ];
}

function changesOf(
  kind: DeploymentChange['kind'],
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly DeploymentChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    const change = changeOf(textOf(before[name]), textOf(after[name]));
    return change === undefined ? [] : [{ change, kind, name }];
  });
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

function changeOf(
  before: string | undefined,
  after: string | undefined,
): DeploymentChange['change'] | undefined {
  if (before === after) return undefined;
  if (before === undefined) return 'added';
  return after === undefined ? 'removed' : 'changed';
}
