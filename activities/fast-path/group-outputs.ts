/** Collects the outputs of a group whose members all finish in this process. */
import { LRUCache } from 'lru-cache';
import type { StepResult } from '../../workflows/messages.ts';

interface Member {
  /** Identifies the group. */
  readonly group: string;
  readonly number: number;
  /** The numbers of all members, in declared order. */
  readonly numbers: readonly number[];
  readonly output: StepResult;
}

/** Adds an output. Returns all outputs in declared order with the last one, once, and undefined before. */
export type GroupOutputs = (member: Member) => readonly StepResult[] | undefined;

/** Limit over all groups. A group whose members fail or finish in another worker never completes, and is evicted. */
const MAX_MEMBERS = 2000;

export function openGroupOutputs(): GroupOutputs {
  const groups = new LRUCache<string, Map<number, StepResult>>({ maxSize: MAX_MEMBERS });
  return ({ group, number, numbers, output }) => {
    const known = groups.get(group) ?? new Map<number, StepResult>();
    known.set(number, output);
    if (known.size < numbers.length) {
      groups.set(group, known, { size: numbers.length });
      return undefined;
    }
    groups.delete(group);
    return numbers.map((each) => known.get(each) as StepResult); // every member has an entry
  };
}
