/** The name of a plan of several steps for people. */

/** Steps that a title names. */
const MAX_TITLE_STEPS = 4;

/** Names a plan by its skills in their order, such as `expense/load → expense/report`. */
export function titleOfSteps(steps: readonly { readonly skill: string }[]): string {
  const shown = steps.slice(0, MAX_TITLE_STEPS).map(({ skill }) => skill);
  const more = steps.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(' → ');
}
