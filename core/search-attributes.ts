/** The search attributes of a run, as they are registered on the namespace and set by the workflow. */

export const SEARCH_ATTRIBUTES = {
  skill: { name: 'SkillosSkill', type: 'KEYWORD' },
  tenant: { name: 'SkillosTenant', type: 'KEYWORD' },
  principal: { name: 'SkillosPrincipal', type: 'KEYWORD' },
  state: { name: 'SkillosState', type: 'KEYWORD' },
  approvers: { name: 'SkillosApprovers', type: 'KEYWORD_LIST' },
} as const;
