/** Reads an argument list by the definition of its command, where clipanion's parser falls short. */

export interface Definition {
  /** Such as `skillos runs diff <run> <other>`. */
  readonly usage: string;
  readonly options: readonly { readonly definition: string; readonly required: boolean }[];
}

/**
 * Joins an option and its value if the value begins with a dash and is no option of the command: `--payload -5` becomes
 * `--payload=-5`. Clipanion takes such a value for an option.
 */
export function joinDashValues(argv: readonly string[], definition: Definition): readonly string[] {
  const joined: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] as string;
    if (word === '--') return [...joined, ...argv.slice(at)];
    const value = argv[at + 1];
    if (!takesValue(word, definition) || value === undefined) {
      joined.push(word);
      continue;
    }
    const isDashed = value.length > 1 && value.startsWith('-');
    if (isDashed && isOption(value, definition)) {
      joined.push(word); // the value is missing, as clipanion will report
      continue;
    }
    joined.push(...(isDashed ? [`${word}=${value}`] : [word, value]));
    at++;
  }
  return joined;
}

/** Returns the names of the required arguments that are not in `argv`; `path` is the name of the command. */
export function missingArguments(
  argv: readonly string[],
  path: string,
  definition: Definition,
): readonly string[] {
  const names = definition.usage.match(/<[a-z]+>/g) ?? [];
  return names.slice(argumentsIn(argv, definition).length - path.split(' ').length);
}

/** Returns the required options that are not in `argv`. */
export function missingOptions(argv: readonly string[], { options }: Definition): readonly string[] {
  const isGiven = (name: string) => argv.some((word) => word === name || word.startsWith(`${name}=`));
  return options
    .filter((option) => option.required && !namesOf(option).some(isGiven))
    .map((option) => namesOf(option).at(-1) ?? option.definition);
}

/** Returns the names of an option, such as `-p` and `--payload`. */
export function namesOf({ definition }: Definition['options'][number]): readonly string[] {
  return definition.match(/--?[a-z][a-z-]*/g) ?? [];
}

/** Returns the words that are neither options nor their values. */
function argumentsIn(argv: readonly string[], definition: Definition): readonly string[] {
  return argv.filter((word, at) => {
    const isValue = at > 0 && takesValue(argv[at - 1] as string, definition);
    return !isValue && !word.startsWith('-');
  });
}

function takesValue(word: string, { options }: Definition): boolean {
  return options.some((option) => option.definition.endsWith('#0') && namesOf(option).includes(word));
}

function isOption(word: string, { options }: Definition): boolean {
  const name = word.replace(/^--no-/, '--').split('=')[0] as string;
  return options.some((option) => namesOf(option).includes(name));
}
