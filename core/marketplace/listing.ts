/** What people see of a catalogue when they look for packages. It proves nothing: what is installed is read and verified. */

/** A type, because an interface is no `JsonObject`. */
export type ListedPackage = {
  readonly id: string;
  readonly version: string;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
};

export interface Listing {
  /** The newest version of each package, by id. */
  readonly packages: readonly ListedPackage[];
  readonly refused: readonly { readonly name: string; readonly problem: string }[];
}

export interface BrowseFilter {
  /** Part of the id, name, description or a tag, in any case. */
  readonly query?: string | undefined;
  /** A tag, exactly. */
  readonly tag?: string | undefined;
}

/** The packages that match, in their order. */
export function browse({ packages }: Listing, { query = '', tag }: BrowseFilter): readonly ListedPackage[] {
  const wanted = query.toLowerCase();
  return packages.filter(({ id, name, description, tags }) => {
    const texts = [id, name, description, ...tags];
    return (
      texts.some((text) => text.toLowerCase().includes(wanted)) && (tag === undefined || tags.includes(tag))
    );
  });
}
