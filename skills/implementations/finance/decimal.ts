/** Exact decimal numbers: an integer and how many of its digits stand behind the point. */
import { PermanentError } from 'skillos';

export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

const PLAIN = /^-?\d{1,30}(\.\d{1,18})?$/;

/** Of plain notation such as `-12.50`. */
export function decimal(text: string): Decimal {
  if (!PLAIN.test(text)) throw new PermanentError(`Expected a decimal number such as 12.50, got "${text}"`);
  const [, fraction = ''] = text.split('.');
  return { digits: BigInt(text.replace('.', '')), scale: fraction.length };
}

/** `value × factor ÷ divisor`, rounded once, half to even, to that many places. */
export function scaled(value: Decimal, ratio: readonly [Decimal, Decimal], places: number): Decimal {
  const [factor, divisor] = ratio;
  const shift = places + divisor.scale - value.scale - factor.scale;
  const numerator = value.digits * factor.digits * tenTo(Math.max(shift, 0));
  return { digits: divideHalfEven(numerator, divisor.digits * tenTo(Math.max(-shift, 0))), scale: places };
}

export function format({ digits, scale }: Decimal): string {
  const sign = digits < 0n ? '-' : '';
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

function divideHalfEven(numerator: bigint, divisor: bigint): bigint {
  const sign = numerator < 0n ? -1n : 1n;
  const magnitude = numerator * sign;
  const quotient = magnitude / divisor;
  const twice = (magnitude % divisor) * 2n;
  const up = twice > divisor || (twice === divisor && quotient % 2n === 1n);
  return sign * (up ? quotient + 1n : quotient);
}

function tenTo(power: number): bigint {
  return 10n ** BigInt(power);
}
