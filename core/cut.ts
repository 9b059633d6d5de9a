/** Cutting a text at those of its joints that leave the weightiest pieces. */

export interface Joint {
  /** Where it begins and ends in the text. */
  readonly start: number;
  readonly end: number;
}

export interface Cut<Piece, At extends Joint> {
  readonly pieces: readonly Piece[];
  /** Between the pieces. */
  readonly joints: readonly At[];
  /** Of all pieces and bonds, multiplied. */
  readonly weight: number;
}

export interface Neighbours<Piece, At extends Joint> {
  readonly left: Piece;
  readonly joint: At;
  readonly right: Piece;
  /** The text of both, with what stands between. */
  readonly joined: string;
}

export interface Cutting<Piece, At extends Joint> {
  readonly text: string;
  /** In the order of the text. */
  readonly joints: readonly At[];
  /** `undefined` where the text is no piece. */
  readonly read: (text: string) => Promise<Piece | undefined>;
  /** How much speaks for two neighbours as two; 0 where they must not be. */
  readonly bond: (neighbours: Neighbours<Piece, At>) => Promise<number>;
}

/** A cut of the text up to some joint, and where its last piece begins. */
interface Ending<Piece, At extends Joint> {
  readonly cut: Cut<Piece, At>;
  readonly start: number;
}

/**
 * Between no cut and all of them; `undefined` where every one leaves something that is no piece. Keeps the best way to
 * each piece, so that the time is cubic in the number of joints.
 */
export async function bestCut<Piece extends { readonly weight: number }, At extends Joint>(
  cutting: Cutting<Piece, At>,
): Promise<Cut<Piece, At> | undefined> {
  const { text, joints, read } = cutting;
  const endings: (readonly Ending<Piece, At>[])[] = [];
  for (const end of [...joints.map(({ start }) => start), text.length]) {
    const found: Ending<Piece, At>[] = [];
    const whole = await read(text.slice(0, end));
    if (whole !== undefined) {
      found.push({ start: 0, cut: { pieces: [whole], joints: [], weight: whole.weight } });
    }
    for (const [index, before] of endings.entries()) {
      const joint = joints[index] as At; // every ending but the last one is at a joint
      const right = await read(text.slice(joint.end, end));
      if (right === undefined) continue;
      const longer = await Promise.all(
        before.map((ending) => extend(cutting, { ending, joint, right, end })),
      );
      const best = heaviest(longer.filter((cut) => cut.weight > 0));
      if (best !== undefined) found.push({ start: joint.end, cut: best });
    }
    endings.push(found);
  }
  return heaviest((endings.at(-1) as readonly Ending<Piece, At>[]).map(({ cut }) => cut));
}

async function extend<Piece extends { readonly weight: number }, At extends Joint>(
  { text, bond }: Cutting<Piece, At>,
  more: {
    readonly ending: Ending<Piece, At>;
    readonly joint: At;
    readonly right: Piece;
    readonly end: number;
  },
): Promise<Cut<Piece, At>> {
  const { ending, joint, right, end } = more;
  const { pieces, joints, weight } = ending.cut;
  const left = pieces.at(-1) as Piece; // a cut has pieces
  const strength = await bond({ left, joint, right, joined: text.slice(ending.start, end) });
  return { pieces: [...pieces, right], joints: [...joints, joint], weight: weight * strength * right.weight };
}

/** Of equal ones the first, which is the one with fewer cuts. */
function heaviest<Piece, At extends Joint>(cuts: readonly Cut<Piece, At>[]): Cut<Piece, At> | undefined {
  return cuts.reduce<Cut<Piece, At> | undefined>(
    (best, cut) => (best === undefined || cut.weight > best.weight ? cut : best),
    undefined,
  );
}
