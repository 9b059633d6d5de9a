/** Converts an amount at the bundled reference rates, exactly, rounded once. */
import { PermanentError } from 'skillos';
import { isFormOfAny, wordsOf } from '../language/words.ts';
import rates from './data/rates.json' with { type: 'json' };
import { decimal, format, scaled } from './decimal.ts';

export interface ConversionRequest {
  readonly query?: string;
  readonly amount?: string | number;
  readonly from?: string;
  readonly to?: string;
}

/** Numbers are decimal strings, so that no digit is lost on the way. */
export interface Conversion {
  readonly amount: string;
  readonly from: string;
  readonly to: string;
  readonly result: string;
  /** Units of `to` for one of `from`, rounded to six places; the result is computed from the unrounded rate. */
  readonly rate: string;
  readonly rate_date: string;
}

type Currency = (typeof rates.currencies)[number];

const RATE_PLACES = 6;
const ONE = decimal('1');
/** Digits in groups or plain, with a fraction behind point or comma. */
const NUMBER = /-?\d{1,3}(?:[ \u00A0\u202F'.,]\d{3})+(?:[.,]\d+)?(?!\d)|-?\d+(?:[.,]\d+)?/g;

export function run(request: ConversionRequest): Conversion {
  const spoken = readQuery(request.query ?? '');
  const amount = decimal(request.amount === undefined ? (spoken.amount ?? '1') : String(request.amount));
  const from = request.from === undefined ? spoken.from : currencyOf(request.from);
  const to = request.to === undefined ? spoken.to : currencyOf(request.to);
  if (!from || !to) {
    throw new PermanentError(`Expected two currencies, such as "100 usd to eur"; known are ${knownCodes()}`);
  }
  const ratio = [decimal(to.rate), decimal(from.rate)] as const;
  return {
    amount: format(amount),
    from: from.code,
    to: to.code,
    result: format(scaled(amount, ratio, to.decimals)),
    rate: format(scaled(ONE, ratio, RATE_PLACES)),
    rate_date: rates.date,
  };
}

/** The currency beside the number is converted, the other one is wanted; without a number they stand in that order. */
function readQuery(query: string) {
  const numbers = [...query.matchAll(NUMBER)];
  if (numbers.length > 1) {
    throw new PermanentError(
      `Expected one amount, got ${numbers.length}, such as "${numbers[0]?.[0]}" and "${numbers[1]?.[0]}"`,
    );
  }
  const [number] = numbers;
  const after = number ? currenciesIn(query.slice(number.index + number[0].length)) : currenciesIn(query);
  const before = number ? currenciesIn(query.slice(0, number.index)) : [];
  const signed = number ? signBefore(query.slice(0, number.index)) : undefined;
  const from = signed ?? after[0] ?? before.at(-1);
  const to = [...after, ...before].find((currency) => currency !== from);
  return { amount: number && plainNumber(number[0]), from, to };
}

function currenciesIn(text: string): readonly Currency[] {
  const spaced = rates.currencies
    .flatMap(({ code, signs }) => signs.map((sign) => ({ code, sign })))
    .reduce((spacedText, { code, sign }) => spacedText.replaceAll(sign, ` ${code} `), text);
  return wordsOf(spaced).flatMap(({ folded }) => currencyNamed(folded) ?? []);
}

function signBefore(text: string): Currency | undefined {
  return rates.currencies.find(({ signs }) => signs.some((sign) => text.trimEnd().endsWith(sign)));
}

function currencyNamed(folded: string): Currency | undefined {
  return rates.currencies.find(
    ({ code, names }) => code.toLowerCase() === folded || isFormOfAny(names, folded),
  );
}

function currencyOf(name: string): Currency {
  const [currency] = currenciesIn(name);
  if (!currency) throw new PermanentError(`Unknown currency "${name}", expected one of ${knownCodes()}`);
  return currency;
}

/**
 * `1,234.56`, `1.234,56` and `1 234,56` are the same number. Of a lone mark before exactly three digits nobody knows
 * what it means; it is read as grouping, unless the number starts with zero.
 */
function plainNumber(written: string): string {
  const text = written.replaceAll(/[ \u00A0\u202F']/g, '');
  const last = Math.max(text.lastIndexOf('.'), text.lastIndexOf(','));
  if (last < 0) return text;
  const marks = text.match(/[.,]/g) ?? [];
  const groups = text.length - last - 1 === 3 && new Set(marks).size === 1 && !/^-?0/.test(text);
  if (groups) return text.replaceAll(/[.,]/g, '');
  return `${text.slice(0, last).replaceAll(/[.,]/g, '')}.${text.slice(last + 1)}`;
}

function knownCodes(): string {
  return rates.currencies.map(({ code }) => code).join(', ');
}
