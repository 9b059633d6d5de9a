/** Tells numbers that a double holds from those that it would change. Ours, because no dependency compares decimal texts. */

/** Every number of at most 15 digits survives as a double (IEEE 754), so shorter texts without an exponent need no check. */
const SAFE_CHARS = 15;
/** `Number.prototype.toPrecision` gives at most this many digits. */
const MAX_PRECISION = 100;
const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i;

interface Decimal {
  /** Without zeros at both ends; empty for zero. */
  readonly digits: string;
  /** Power of ten of the last digit. */
  readonly exponent: number;
}

/**
 * True if the number of a JSON text is the same after it was parsed. A whole number must be written with the same digits
 * again, because it may be an id. A fraction must be the nearest double to as many digits as it has, so that 0.1 and
 * 0.10000000000000001 are kept, and 3.14159265358979323846 is not.
 */
export function isKept(text: string): boolean {
  if (text.length <= SAFE_CHARS && !/e/i.test(text)) return true;
  const value = Number(text);
  if (!Number.isFinite(value)) return false;
  const given = decimalOf(text);
  if (isSame(given, decimalOf(String(value)))) return true;
  const { digits, exponent } = given;
  return (
    value !== 0 &&
    exponent < 0 &&
    digits.length <= MAX_PRECISION &&
    isSame(given, decimalOf(value.toPrecision(digits.length)))
  );
}

function decimalOf(text: string): Decimal {
  const [, whole, fraction = '', power = '0'] = NUMBER.exec(text) as unknown as [
    string,
    string,
    string?,
    string?,
  ];
  const all = withoutZerosBefore(whole + fraction);
  const digits = withoutZerosAfter(all);
  if (digits === '') return { digits, exponent: 0 };
  return { digits, exponent: Number(power) - fraction.length + (all.length - digits.length) };
}

function isSame(left: Decimal, right: Decimal): boolean {
  return left.digits === right.digits && left.exponent === right.exponent;
}

function withoutZerosBefore(digits: string): string {
  let start = 0;
  while (digits[start] === '0') start += 1;
  return digits.slice(start);
}

/** A loop, because a pattern such as /0+$/ takes quadratic time. */
function withoutZerosAfter(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}
