/** What the members of a group put out, gathered while all of them finish in this process. */
import { LRUCache } from 'lru-cache';
import type { Carried } from '../core/carried.ts';

interface Member {
  /** Tells this group from all others. */
  readonly group: string;
  readonly number: number;
  /** Of all members. */
  readonly numbers: readonly number[];
  readonly output: Carried;
}

/** The outputs of all members, in their order, once the last one is there; it is told once. */
export type Gather = (member: Member) => readonly Carried[] | undefined;

/** Of all groups together. Those whose members fail, or finish elsewhere, are never whole here and make room in the end. */
const MAX_MEMBERS = 2000;

export function openGathering(): Gather {
  const groups = new LRUCache<string, Map<number, Carried>>({ maxSize: MAX_MEMBERS });
  return ({ group, number, numbers, output }) => {
    const known = groups.get(group) ?? new Map<number, Carried>();
    known.set(number, output);
    if (known.size < numbers.length) {
      groups.set(group, known, { size: numbers.length });
      return undefined;
    }
    groups.delete(group);
    return numbers.map((each) => known.get(each) as Carried); // as many as there are members
  };
}
