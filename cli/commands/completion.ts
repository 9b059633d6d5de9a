import { Command, Option } from 'clipanion';
import { EXIT } from '../../core/errors/exit-codes.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { SkillosCommand } from '../command.ts';
import { SHELLS, renderCompletion } from '../views/completion.ts';

export class CompletionCommand extends SkillosCommand {
  static override paths = [['completion']];
  static override usage = Command.Usage({
    category: 'Help',
    description: 'Print the completion script of a shell',
    examples: [
      ['Bash, for this session', 'eval "$(skillos completion bash)"'],
      ['Zsh, for this session', 'source <(skillos completion zsh)'],
      ['Fish, permanently', 'skillos completion fish > ~/.config/fish/completions/skillos.fish'],
    ],
  });

  shell = Option.String({ name: SHELLS.join('|') });

  async perform() {
    const shell = SHELLS.find((known) => known === this.shell);
    if (shell === undefined) {
      throw new SkillosError(
        'usage',
        `Unknown shell ${JSON.stringify(this.shell)}: expected ${SHELLS.join(', ')}`,
      );
    }
    const script = await renderCompletion(this.context.commands, shell);
    this.print({ text: script.trimEnd(), json: { schema: 'skillos.completion/v1', shell, script } });
    return EXIT.ok;
  }
}
