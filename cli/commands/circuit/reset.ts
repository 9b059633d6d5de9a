import { Command, Option } from 'clipanion';
import { resetCircuit } from '../../../client/limits.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import { parseSkillId } from '../../../core/skill-id.ts';
import { IdentifiedCommand } from '../../identified-command.ts';
import { openRuntime } from '../../runtime.ts';

export class CircuitResetCommand extends IdentifiedCommand {
  static override paths = [['circuit', 'reset']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Close the circuit of a skill: forget its failures',
    details: 'Needs the permission runs:operate.',
    examples: [['Let its runs through again', 'skillos circuit reset travel/search_flights']],
  });

  skill = Option.String({ name: 'id' });

  async perform() {
    const skill = parseSkillId(this.skill);
    const { ports } = openRuntime(this.config, this.context, (line) => this.note(line));
    const hadFailures = await resetCircuit(ports, await this.actor(), skill);
    this.print({
      text: `circuit_reset: ${skill}`,
      json: { schema: 'skillos.circuit/v1', skill, status: 'closed', had_failures: hadFailures },
    });
    if (!hadFailures) this.note(`note: no failures of ${skill} were remembered`);
    return EXIT.ok;
  }
}
