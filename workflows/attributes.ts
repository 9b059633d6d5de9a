/** The search attributes that a run changes while it runs. */
import { defineSearchAttributeKey } from '@temporalio/common';
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import type { RunState } from '../core/runs/run.ts';
import { SEARCH_ATTRIBUTES } from '../core/runs/search-attributes.ts';

const state = defineSearchAttributeKey(SEARCH_ATTRIBUTES.state.name, 'KEYWORD');
const approvers = defineSearchAttributeKey(SEARCH_ATTRIBUTES.approvers.name, 'KEYWORD_LIST');

/** Each change is an event of the history, so only runs that wait for people make one. */
export function stateAttributes(
  current: RunState,
  approversNow: readonly string[] = [],
): SearchAttributeUpdatePair[] {
  return [
    { key: state, value: current },
    { key: approvers, value: approversNow.length === 0 ? null : [...approversNow] },
  ];
}
