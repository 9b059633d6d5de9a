/** Splits a text at the subset of its boundaries that gives the highest score. */

export interface Boundary {
  /** First offset in the text, and the offset after the last. */
  readonly start: number;
  readonly end: number;
}

export interface Segmentation<Part, At extends Boundary> {
  readonly parts: readonly Part[];
  /** The boundaries that were used, one between each two parts. */
  readonly boundaries: readonly At[];
  /** Product of the scores of all parts and of all used boundaries. */
  readonly score: number;
}

export interface Neighbours<Part, At extends Boundary> {
  readonly left: Part;
  readonly boundary: At;
  readonly right: Part;
  /** The text from the start of `left` to the end of `right`. */
  readonly joined: string;
}

export interface SegmentationInput<Part, At extends Boundary> {
  readonly text: string;
  /** In the order of the text. */
  readonly boundaries: readonly At[];
  /** Returns undefined if the text cannot be a part. */
  readonly interpret: (text: string) => Promise<Part | undefined>;
  /** Factor for splitting at this boundary: above 1 favours the split, 0 forbids it. */
  readonly scoreBoundary: (neighbours: Neighbours<Part, At>) => Promise<number>;
}

/** A segmentation of the text up to some boundary, and the offset at which its last part begins. */
interface PartialSegmentation<Part, At extends Boundary> {
  readonly segmentation: Segmentation<Part, At>;
  readonly start: number;
}

/**
 * Returns the segmentation with the highest score, or undefined if each one contains a text that cannot be a part.
 * Dynamic programming: keeps the best segmentation for each last part, so the time is cubic in the number of boundaries.
 */
export async function bestSegmentation<Part extends { readonly score: number }, At extends Boundary>(
  input: SegmentationInput<Part, At>,
): Promise<Segmentation<Part, At> | undefined> {
  const { text, boundaries, interpret } = input;
  const partials: (readonly PartialSegmentation<Part, At>[])[] = [];
  for (const end of [...boundaries.map(({ start }) => start), text.length]) {
    const found: PartialSegmentation<Part, At>[] = [];
    const whole = await interpret(text.slice(0, end));
    if (whole !== undefined) {
      found.push({ start: 0, segmentation: { parts: [whole], boundaries: [], score: whole.score } });
    }
    for (const [index, before] of partials.entries()) {
      const boundary = boundaries[index] as At; // every partial but the last one is at a boundary
      const right = await interpret(text.slice(boundary.end, end));
      if (right === undefined) continue;
      const longer = await Promise.all(
        before.map((partial) => extend(input, { partial, boundary, right, end })),
      );
      const best = bestScored(longer.filter((segmentation) => segmentation.score > 0));
      if (best !== undefined) found.push({ start: boundary.end, segmentation: best });
    }
    partials.push(found);
  }
  return bestScored(
    (partials.at(-1) as readonly PartialSegmentation<Part, At>[]).map(({ segmentation }) => segmentation),
  );
}

async function extend<Part extends { readonly score: number }, At extends Boundary>(
  { text, scoreBoundary }: SegmentationInput<Part, At>,
  more: {
    readonly partial: PartialSegmentation<Part, At>;
    readonly boundary: At;
    readonly right: Part;
    readonly end: number;
  },
): Promise<Segmentation<Part, At>> {
  const { partial, boundary, right, end } = more;
  const { parts, boundaries, score } = partial.segmentation;
  const left = parts.at(-1) as Part; // a segmentation has at least one part
  const strength = await scoreBoundary({ left, boundary, right, joined: text.slice(partial.start, end) });
  return {
    parts: [...parts, right],
    boundaries: [...boundaries, boundary],
    score: score * strength * right.score,
  };
}

/** Among equal scores the first, which is the one with the fewest boundaries. */
function bestScored<Part, At extends Boundary>(
  segmentations: readonly Segmentation<Part, At>[],
): Segmentation<Part, At> | undefined {
  return segmentations.reduce<Segmentation<Part, At> | undefined>(
    (best, segmentation) => (best === undefined || segmentation.score > best.score ? segmentation : best),
    undefined,
  );
}
