/** Amounts of cost: integers of 1/10,000 inside, decimal units outside. Zod-free: workflows may use it. */

/** Parts of one unit; sums of integers are exact where sums of decimals are not. */
const PARTS = 10_000;

const AMOUNT = /^\d{1,9}(\.\d{1,4})?$/;
export const AMOUNT_RULE = 'a number from 0 to 999999999 with at most 4 decimals';

/** A decimal text such as `0.5`; `undefined` where it is none, also for signs, exponents and finer decimals. */
export function parseAmount(text: string): number | undefined {
  return AMOUNT.test(text) ? Math.round(Number(text) * PARTS) : undefined;
}

/** For machines: in decimal units. */
export function inUnits(amount: number): number {
  return amount / PARTS;
}

/** For people: as short as it is exact, such as `0.5`. */
export function formatAmount(amount: number): string {
  return String(inUnits(amount));
}
