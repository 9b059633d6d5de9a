/** The search attributes that a run changes while it goes. */
import { defineSearchAttributeKey } from '@temporalio/common';
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import type { RunState } from '../core/run.ts';
import { SEARCH_ATTRIBUTES } from '../core/search-attributes.ts';

const state = defineSearchAttributeKey(SEARCH_ATTRIBUTES.state.name, 'KEYWORD');
const approvers = defineSearchAttributeKey(SEARCH_ATTRIBUTES.approvers.name, 'KEYWORD_LIST');

/** Each change is an event, so only runs that wait for people say so. */
export function stateAttributes(
  now: RunState,
  deciding: readonly string[] = [],
): SearchAttributeUpdatePair[] {
  return [
    { key: state, value: now },
    { key: approvers, value: deciding.length === 0 ? null : [...deciding] },
  ];
}
