/** Completion scripts. They contain all commands and options, so that completing a word starts no process. */
import { Cli } from 'clipanion';
import type { CliContext, CommandEntry } from '../context.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The words that may follow: `''` is for `skillos` alone, `'runs'` for the words before `list`, `show`… */
interface Branch {
  readonly path: string;
  readonly words: readonly Word[];
}

interface Word {
  readonly text: string;
  readonly meaning: string;
}

export async function renderCompletion(commands: readonly CommandEntry[], shell: Shell): Promise<string> {
  const branches = await collectBranches(commands);
  switch (shell) {
    case 'bash':
      return bash(branches);
    case 'zsh':
      return zsh(branches);
    case 'fish':
      return fish(branches);
  }
}

async function collectBranches(commands: readonly CommandEntry[]): Promise<readonly Branch[]> {
  const prefixes = commands.map(({ path }) => path.split(' ').slice(0, -1).join(' '));
  const paths = new Set([...prefixes, ...commands.map(({ path }) => path)]);
  const branches: Branch[] = [];
  for (const path of paths) {
    branches.push({ path, words: [...wordsBelow(commands, path), ...(await optionsOf(commands, path))] });
  }
  return branches;
}

function wordsBelow(commands: readonly CommandEntry[], path: string): readonly Word[] {
  const below = commands.filter((entry) => path === '' || entry.path.startsWith(`${path} `));
  const words = new Map<string, string>();
  for (const entry of below) {
    const [text = '', ...more] = entry.path.slice(path === '' ? 0 : path.length + 1).split(' ');
    if (more.length === 0) words.set(text, entry.summary);
    else if (!words.has(text)) words.set(text, entry.group);
  }
  return [...words].map(([text, meaning]) => ({ text, meaning }));
}

async function optionsOf(commands: readonly CommandEntry[], path: string): Promise<readonly Word[]> {
  const entry = commands.find((command) => command.path === path);
  const common = { text: '--help', meaning: 'Show the help' };
  if (entry === undefined)
    return path === '' ? [common, { text: '--version', meaning: 'The version' }] : [common];
  const CommandClass = await entry.load();
  const cli = new Cli<CliContext>();
  cli.register(CommandClass);
  const options = cli.definitions().flatMap((definition) => definition.options);
  const words = options.map(({ definition, description = '' }) => ({
    text: /--[a-z-]+/.exec(definition)?.[0] ?? definition,
    meaning: description,
  }));
  return [...words, common];
}

/** Returns a shell function that prints the words of a branch, and fails if the branch does not exist. */
function wordsFunction(branches: readonly Branch[]): string {
  const cases = branches.map(
    ({ path, words }) => `    ${quote(path)}) echo ${quote(words.map(({ text }) => text).join(' '))} ;;`,
  );
  return `_skillos_words() {\n  case "$1" in\n${cases.join('\n')}\n    *) return 1 ;;\n  esac\n}`;
}

function bash(branches: readonly Branch[]): string {
  return `# skillos completion for bash; load it with: eval "$(skillos completion bash)"
${wordsFunction(branches)}
_skillos() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" index
  for ((index = 1; index < COMP_CWORD; index++)); do
    _skillos_words "\${path:+$path }\${COMP_WORDS[index]}" >/dev/null || break
    path="\${path:+$path }\${COMP_WORDS[index]}"
  done
  COMPREPLY=($(compgen -W "$(_skillos_words "$path")" -- "$current"))
}
complete -o default -F _skillos skillos
`;
}

function zsh(branches: readonly Branch[]): string {
  return `#compdef skillos
# skillos completion for zsh; load it with: source <(skillos completion zsh)
${wordsFunction(branches)}
_skillos() {
  local current_path="" index
  for ((index = 2; index < CURRENT; index++)); do
    _skillos_words "\${current_path:+$current_path }\${words[index]}" >/dev/null || break
    current_path="\${current_path:+$current_path }\${words[index]}"
  done
  compadd -- \${=$(_skillos_words "$current_path")}
  _files
}
compdef _skillos skillos
`;
}

function fish(branches: readonly Branch[]): string {
  const lines = branches.flatMap(({ path, words }) => {
    const typed =
      path === ''
        ? '__fish_use_subcommand'
        : path
            .split(' ')
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join('; and ');
    return words.map(({ text, meaning }) => {
      const what = text.startsWith('--') ? `-l ${text.slice(2)}` : `-a ${text}`;
      return `complete -c skillos -n ${quote(typed)} ${what} -d ${quote(meaning)}`;
    });
  });
  return `# skillos completion for fish; load it with: skillos completion fish | source\n${lines.join('\n')}\n`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}
