/** Search attributes of a run; registered in the Temporal namespace and set by the workflow. */

export const SEARCH_ATTRIBUTES = {
  skill: { name: 'SkillosSkill', type: 'KEYWORD' },
  tenant: { name: 'SkillosTenant', type: 'KEYWORD' },
  principal: { name: 'SkillosPrincipal', type: 'KEYWORD' },
  state: { name: 'SkillosState', type: 'KEYWORD' },
  approvers: { name: 'SkillosApprovers', type: 'KEYWORD_LIST' },
} as const;
