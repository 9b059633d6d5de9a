/** Options that several commands take, as one property of each. */
import { Option } from 'clipanion';

/**
 * The return type of clipanion's `Option` functions before a command line is parsed; it names the type of the
 * parsed values.
 */
type OptionSpec = Parameters<typeof Option.makeCommandOption<unknown>>[0];

/** A command class holds the group as a property: `identity = optionGroup({ role: Option.String('--role') })`. */
export function optionGroup<Group extends object>(group: Group): Group {
  const specs = Object.entries(group as Readonly<Record<string, OptionSpec>>);
  return Option.makeCommandOption<Group>({
    definition(builder, key) {
      for (const [name, spec] of specs) spec.definition(builder, `${key}.${name}`);
    },
    transformer(builder, key, ...state) {
      const valueOf = ([name, spec]: (typeof specs)[number]) =>
        [name, spec.transformer(builder, `${key}.${name}`, ...state)] as const;
      return Object.fromEntries(specs.map(valueOf)) as Group;
    },
  });
}
