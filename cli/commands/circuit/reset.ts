import { Command, Option } from 'clipanion';
import { resetCircuit } from '../../../client/limits.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { openRuntime } from '../../runtime.ts';

export class CircuitResetCommand extends SkillosCommand {
  static override paths = [['circuit', 'reset']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Close the circuit of a skill and forget its failures',
    details: 'Requires the permission runs:operate.',
    examples: [['Admit its runs again', 'skillos circuit reset travel/search_flights']],
  });

  identity = identityOptions();
  skill = Option.String({ name: 'id' });

  async perform() {
    const skill = parseSkillId(this.skill);
    const { ports } = openRuntime(this);
    const hadFailures = await resetCircuit(ports, await actorOf(this), skill);
    this.print({
      text: `circuit_reset: ${skill}`,
      json: { schema: 'skillos.circuit/v1', skill, status: 'closed', had_failures: hadFailures },
    });
    if (!hadFailures) this.note(`note: ${skill} had no recent failures`);
    return EXIT.ok;
  }
}
