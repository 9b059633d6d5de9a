/** Beta posteriors of success rates, from a uniform prior. */

export interface Tally {
  readonly successes: number;
  readonly failures: number;
}

/** Success rate, 0 to 1; 0 without results. */
export function rateOf({ successes, failures }: Tally): number {
  return successes === 0 ? 0 : successes / (successes + failures);
}

/**
 * Returns the probability that the true rate of `candidate` is higher than that of `other`: the finite sum for integer
 * parameters, in logarithms, so that large counts do not underflow. Takes as many steps as there are results of one.
 */
export function probabilityBetter(candidate: Tally, other: Tally): number {
  const [a, b] = parametersOf(candidate);
  const [otherA, otherB] = parametersOf(other);
  let logTerm = 0;
  for (let i = 0; i < b; i++) logTerm += Math.log((otherB + i) / (otherA + otherB + i));
  let sum = 0;
  for (let i = 0; i < a; i++) {
    sum += Math.exp(logTerm);
    logTerm += Math.log(((otherA + i) * (b + i)) / ((otherA + otherB + b + i) * (1 + i)));
  }
  return Math.min(1, sum);
}

/** Width 0.00005, a tenth of the deviation of a rate after a million results. */
const CELLS = 20_000;

/** Returns for each tally the probability that its rate is the highest of all, by the midpoint rule. */
export function probabilitiesBest(tallies: readonly Tally[]): readonly number[] {
  const cells = tallies.map(cellsOf);
  const below = cells.map(() => 0);
  const best = cells.map(() => 0);
  for (let cell = 0; cell < CELLS; cell++) {
    const middles = cells.map((of, row) => (below[row] as number) + (of[cell] as number) / 2);
    for (const [row, of] of cells.entries()) {
      const others = middles.reduce(
        (product, value, other) => (other === row ? product : product * value),
        1,
      );
      best[row] = (best[row] as number) + (of[cell] as number) * others;
      below[row] = (below[row] as number) + (of[cell] as number);
    }
  }
  return best;
}

/** Quantile of the normal distribution for 95 % between both sides. */
const Z = 1.959964;

/** Returns the 95 % interval of the rate by Wilson's score; 0 to 1 without results. */
export function rateInterval(tally: Tally): readonly [number, number] {
  const count = tally.successes + tally.failures;
  if (count === 0) return [0, 1];
  const rate = rateOf(tally);
  const middle = rate + Z ** 2 / (2 * count);
  const half = Z * Math.sqrt((rate * (1 - rate)) / count + Z ** 2 / (4 * count ** 2));
  const whole = 1 + Z ** 2 / count;
  return [Math.max(0, (middle - half) / whole), Math.min(1, (middle + half) / whole)];
}

function parametersOf({ successes, failures }: Tally): readonly [number, number] {
  return [successes + 1, failures + 1];
}

/** The posterior's mass in each cell of 0 to 1. */
function cellsOf({ successes, failures }: Tally): Float64Array {
  const logs = Float64Array.from({ length: CELLS }, (_, cell) => {
    const rate = (cell + 0.5) / CELLS;
    return successes * Math.log(rate) + failures * Math.log1p(-rate);
  });
  const peak = logs.reduce((most, value) => Math.max(most, value), -Infinity);
  const masses = logs.map((value) => Math.exp(value - peak));
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  return masses.map((mass) => mass / total);
}
