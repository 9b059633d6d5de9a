/** Finds the command of an argument list, loads and runs it, and reports errors. */
import { EXIT } from '../core/errors/exit-codes.ts';
import type { ExitCode } from '../core/errors/exit-codes.ts';
import { COMMANDS } from './commands/index.ts';
import type { CliContext, CommandEntry, PerformingCommand } from './context.ts';
import { joinDashValues } from './input/arguments.ts';
import type { Definition } from './input/arguments.ts';
import { VERSION } from './version.ts';

/** The properties of the process; `runCli` adds the rest of the context. */
export type OuterContext = Omit<CliContext, 'commands' | 'onEnd'>;

/** Resolves to the exit code. Never rejects: prints every failure. */
export async function runCli(argv: readonly string[], outer: OuterContext): Promise<ExitCode> {
  const endings: (() => Promise<void>)[] = [];
  const context: CliContext = {
    ...outer,
    commands: COMMANDS,
    onEnd: (close: () => Promise<void>) => void endings.push(close),
  };
  try {
    return await dispatch(argv, context);
  } catch (error) {
    const [{ renderError }, { isDebug }] = await Promise.all([
      import('./views/errors.ts'),
      import('../core/settings/config.ts'),
    ]);
    const json = argv.includes('--json');
    const { env } = context;
    const command = findCommand(wordsOf(argv))?.path;
    const report = renderError(error, { json, debug: isDebug(env), argv, command, env });
    (json ? context.stdout : context.stderr).write(report.text);
    return report.exit;
  } finally {
    await Promise.all(endings.map((close) => close()));
  }
}

async function dispatch(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  if (argv[0] === '--version' || argv[0] === '-v') {
    context.stdout.write(`${VERSION}\n`);
    return EXIT.ok;
  }
  const words = wordsOf(argv);
  const wantsHelp = argv.includes('--help') || argv.includes('-h');
  const entry = findCommand(words);
  if (entry === undefined) return overview(words, wantsHelp, context);
  return perform(entry, wantsHelp, { argv, context });
}

/** The arguments before the first option. */
function wordsOf(argv: readonly string[]): readonly string[] {
  const options = argv.findIndex((word) => word.startsWith('-'));
  return options === -1 ? argv : argv.slice(0, options);
}

/** Returns the command with the most words at the start of the arguments. */
function findCommand(words: readonly string[]): CommandEntry | undefined {
  const typed = `${words.join(' ')} `;
  const matches = COMMANDS.filter((entry) => typed.startsWith(`${entry.path} `));
  return matches.sort((a, b) => b.path.length - a.path.length)[0];
}

async function overview(
  words: readonly string[],
  wantsHelp: boolean,
  context: CliContext,
): Promise<ExitCode> {
  const { renderOverview, requireCommand } = await import('./views/overview.ts');
  const prefix = words.join(' ');
  requireCommand(COMMANDS, prefix);
  (wantsHelp ? context.stdout : context.stderr).write(renderOverview(COMMANDS, prefix));
  return wantsHelp ? EXIT.ok : EXIT.usage;
}

async function perform(
  entry: CommandEntry,
  wantsHelp: boolean,
  call: { argv: readonly string[]; context: CliContext },
): Promise<ExitCode> {
  if (wantsHelp) {
    const { renderUsage } = await import('./views/overview.ts');
    call.context.stdout.write(await renderUsage(entry, call.context));
    return EXIT.ok;
  }
  const [{ Cli }, CommandClass] = await Promise.all([import('./input/parser.ts'), entry.load()]);
  const cli = new Cli<CliContext>({ binaryName: 'skillos', enableColors: call.context.colorDepth > 1 });
  cli.register(CommandClass);
  const definition = cli.definitions()[0] as Definition; // of the only class registered
  try {
    const parsed = cli.process([...joinDashValues(call.argv, definition)], call.context);
    const command = parsed as InstanceType<typeof CommandClass>;
    await warnOfSettings(call.context, command);
    return await command.perform();
  } catch (error) {
    const { asUsageError } = await import('./views/overview.ts');
    throw asUsageError(error, call.argv, { path: entry.path, definition });
  }
}

const NO_EFFECT = 'it has no effect unless a skill lists it under secrets';

/** Warns of variables that look like settings and are none, once per process. */
async function warnOfSettings(
  { env, stderr }: CliContext,
  command: Pick<PerformingCommand, 'located' | 'config'>,
): Promise<void> {
  const given = Object.keys(env).filter((name) => name.startsWith('SKILLOS_'));
  if (given.length === 0) return;
  const { unknownSettings } = await import('../core/settings/unknown-settings.ts');
  const unknown = unknownSettings(given);
  if (unknown.length === 0) return;
  const [{ secretVariables }, { rootOf, usesDeployments }, { isOneCharacterOff }, { plain }] =
    await Promise.all([
      import('../adapters/secrets/secret-variables.ts'),
      import('../core/settings/config.ts'),
      import('../core/values/nearest.ts'),
      import('./views/plain-text.ts'),
    ]);
  const isSecret = secretVariables(() => rootOf(command.located().env));
  const mayBeDeployed = isTrueOrUnknown(() => usesDeployments(command.config));
  for (const { variable, meant } of unknown.filter(({ variable }) => !isSecret(variable))) {
    const isTypo = meant !== undefined && isOneCharacterOff(variable, meant);
    if (mayBeDeployed && !isTypo) continue; // may be a secret of what was deployed, which is not known here
    const advice = meant === undefined ? NO_EFFECT : `did you mean ${meant}?`;
    stderr.write(`warning: ${plain(variable)} is not a setting; ${advice}\n`);
  }
}

/** Settings that are broken stop only the commands that need them. */
function isTrueOrUnknown(read: () => boolean): boolean {
  try {
    return read();
  } catch {
    return true;
  }
}
