/** Costs: integers of 1/10,000 in code and storage, decimal units for people and JSON. Without zod: workflows use it. */

/** Parts of one unit. Integers, because sums of binary fractions are not exact. */
const PARTS = 10_000;

const AMOUNT = /^\d{1,9}(\.\d{1,4})?$/;
export const AMOUNT_RULE = 'a number from 0 to 999999999 with at most 4 decimals';

/** Parses a decimal such as `0.5`. Returns undefined for other texts, such as signs, exponents and a fifth decimal. */
export function parseAmount(text: string): number | undefined {
  return AMOUNT.test(text) ? Math.round(Number(text) * PARTS) : undefined;
}

/** Converts to decimal units, for JSON. */
export function inUnits(amount: number): number {
  return amount / PARTS;
}

/** Formats in decimal units without trailing zeros, such as `0.5`. */
export function formatAmount(amount: number): string {
  return String(inUnits(amount));
}
