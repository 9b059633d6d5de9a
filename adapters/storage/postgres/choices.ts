/**
 * Filters over indexed columns. Each index begins with the columns of a filter and ends with the order of the
 * list.
 */
import type { Where } from '../../../core/storage/record-index.ts';

/** One value per field. */
export type Choice = readonly (readonly [column: string, value: string])[];

/**
 * Returns every combination of one value per field. The rows of one combination are sorted like the list in
 * some index.
 */
export function choicesOf(where: Where): readonly Choice[] {
  return Object.entries(where).reduce<readonly Choice[]>(
    (choices, [column, values]) =>
      choices.flatMap((chosen) => [...new Set(values)].map((value) => chosen.concat([[column, value]]))),
    [[]],
  );
}

/** Returns the SQL condition of a choice; appends its values to those of the statement. */
export function conditionOf(choice: Choice, values: unknown[]): string {
  return choice.map(([column, value]) => ` AND ${column} = $${values.push(columnText(value))}`).join('');
}

/** Returns the value as the triggers of the migrations write it into its column. */
function columnText(value: string): string {
  return JSON.stringify(value).replaceAll(/\\u(?:0000|d[89a-f]..)/g, String.raw`\u0001`);
}
